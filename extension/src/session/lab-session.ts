import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import {
  SESSION_COMM,
  type RunBundle,
  type SessionCommand,
  type SessionCommandDone,
  type SessionCommandFailure,
  type SessionStatus
} from 'kernel-gateway/protocol';
import { gatewayWords } from './gateway-words.js';
import { keepOpen } from './keep-open.js';
import { refusalInLanguage } from './refusal-in-language.js';

/** `implementation` in the kernel's own description. */
const KERNEL_IMPLEMENTATION = 'bpflab';

/** Of a kernel whose session is over. `starting` alone is all that a page hears of a restart that it did not ask for. */
const ENDED: ReadonlySet<Kernel.Status> = new Set(['starting', 'restarting', 'autorestarting', 'dead', 'terminating']);

/** Why the session did not do a command; `message` is one sentence, empty when nobody answered. */
export class CommandError extends Error {
  constructor({ message, hint }: { message: string; hint: string }) {
    super(message);
    this.hint = hint;
  }

  readonly hint: string;
}

/**
 * Our side of one notebook's session: a comm that tells target and runs, and takes commands. Follows the notebook's
 * kernel through restarts and changes; with a kernel that is not ours, or none, there is simply no status.
 */
export class LabSession implements IDisposable {
  /** `language`: code of the page's, that refusals are told in. */
  constructor(context: ISessionContext, language: string) {
    this._context = context;
    this.language = language;
    context.kernelChanged.connect(this._connect, this);
    context.statusChanged.connect(this._onKernelStatus, this);
    context.disposed.connect(this.dispose, this);
    this._connect();
  }

  readonly language: string;

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Whether the kernel is ours; false until it has said what it is. */
  get isLab(): boolean {
    return this._kernel !== null;
  }

  /** The newest status, null while no kernel of ours is connected. */
  get status(): SessionStatus | null {
    return this._status;
  }

  /** Emitted when `status`, `isLab` or `isConnected` changes. */
  get changed(): Signal<this, void> {
    return this._changed;
  }

  /** Emitted when a command could not be done. */
  get commandFailed(): Signal<this, SessionCommandFailure> {
    return this._commandFailed;
  }

  /** The kernel to open views on, null when it is not ours or restarting. */
  get kernel(): Kernel.IKernelConnection | null {
    return this._status === null ? null : this._kernel;
  }

  /** Whether the kernel of ours can be reached now. While it cannot, `status` is what it said last. */
  get isConnected(): boolean {
    return this._kernel?.connectionStatus === 'connected';
  }

  /** The newest facts about a run of this session; null for a run that it does not know (any more). */
  run(id: string): RunBundle | null {
    return this._status?.runs.find(run => run.run === id) ?? null;
  }

  /** Asks the session to do something; it answers with a new status. Nothing happens without a kernel of ours. */
  send(command: SessionCommand): void {
    this.ask(command).catch((error: unknown) => {
      if (error instanceof CommandError && error.message !== '') {
        this.tellFailure(error);
      }
    });
  }

  /**
   * Asks the session to do something and waits until it is done.
   *
   * @throws CommandError with the session's own words when it could not be done, or when the session is gone
   */
  ask(command: SessionCommand): Promise<void> {
    const comm = this._comm;
    if (comm === null) {
      return Promise.reject(new CommandError({ message: '', hint: '' }));
    }
    const request = String(++this._requests);
    return new Promise((resolve, reject) => {
      const question = { ...command, request };
      this._asked.set(request, { question, resolve, reject });
      comm.send(question);
    });
  }

  /** Tells a failure of `ask` where all failures are told. */
  tellFailure({ message, hint }: CommandError): void {
    this._commandFailed.emit({ type: 'command_failed', request: '', code: '', message, hint });
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._closeComm();
    this._setState(null, null);
    Signal.clearData(this);
  }

  private _connect(): void {
    this._closeComm();
    this._setState(null, null);
    const kernel = this._context.session?.kernel ?? null;
    if (kernel === null) {
      return;
    }
    kernel.info.then(
      info => {
        const current = this._context.session?.kernel === kernel && !this._isDisposed && this._comm === null;
        if (current && info.implementation === KERNEL_IMPLEMENTATION) {
          this._openComm(kernel);
        }
      },
      () => {
        // The kernel went away before it said what it is: there is no status to show.
      }
    );
  }

  private _openComm(connection: Kernel.IKernelConnection): void {
    // JupyterLab gives comms to one connection of a page to a kernel: a console beside a notebook has none on its own.
    this._clone = connection.handleComms ? null : connection.clone({ handleComms: true });
    const kernel = this._clone ?? connection;
    const comm = kernel.createComm(SESSION_COMM);
    this._comm = comm;
    comm.onMsg = (message: KernelMessage.ICommMsgMsg) => {
      const data = message.content.data as unknown as SessionStatus | SessionCommandFailure | SessionCommandDone;
      if (this._comm !== comm) {
        return;
      }
      if (data.type === 'status') {
        this._setState(kernel, { ...data, message: gatewayWords.say(data.message, this.language) });
      } else {
        this._onAnswer(data);
      }
    };
    comm.onClose = () => {
      if (this._comm === comm) {
        this._comm = null;
        this._setState(null, null);
      }
    };
    this._kept = keepOpen(kernel, comm, { unanswered: this._asked });
    kernel.connectionStatusChanged.connect(this._onConnection, this);
    this._setState(kernel, null);
  }

  private _onAnswer(answer: SessionCommandFailure | SessionCommandDone): void {
    const asked = this._asked.get(answer.request);
    this._asked.delete(answer.request);
    if (answer.type === 'command_done') {
      asked?.resolve();
    } else {
      asked?.reject(new CommandError(refusalInLanguage(answer, this.language)));
    }
  }

  private _closeComm(): void {
    const comm = this._comm;
    this._comm = null;
    this._kept?.dispose();
    for (const { reject } of this._asked.values()) {
      reject(new CommandError({ message: '', hint: '' }));
    }
    this._asked.clear();
    if (comm !== null && !comm.isDisposed && this._context.session?.kernel?.status !== 'dead') {
      comm.close();
    }
    this._kernel?.connectionStatusChanged.disconnect(this._onConnection, this);
    this._clone?.dispose();
    this._clone = null;
  }

  private _onConnection(): void {
    this._changed.emit();
  }

  private _onKernelStatus(_: ISessionContext, status: Kernel.Status): void {
    if (ENDED.has(status)) {
      // The client drops its comms with the kernel's state; there is nobody to close them at.
      this._comm = null;
      this._isRestarting = true;
      this._setState(null, null);
    } else if (status === 'idle' && this._isRestarting) {
      this._isRestarting = false;
      this._connect();
    }
  }

  private _setState(kernel: Kernel.IKernelConnection | null, status: SessionStatus | null): void {
    if (this._kernel !== kernel || this._status !== status) {
      this._kernel = kernel;
      this._status = status;
      this._changed.emit();
    }
  }

  private readonly _context: ISessionContext;
  private _kernel: Kernel.IKernelConnection | null = null;
  /** A connection of this session's own, where the context's has no comms. */
  private _clone: Kernel.IKernelConnection | null = null;
  private _comm: Kernel.IComm | null = null;
  private _status: SessionStatus | null = null;
  private _isRestarting = false;
  private _isDisposed = false;
  private _requests = 0;
  private _kept: IDisposable | null = null;
  private readonly _asked = new Map<
    string,
    { question: JSONObject; resolve: () => void; reject: (error: CommandError) => void }
  >();
  private readonly _changed = new Signal<this, void>(this);
  private readonly _commandFailed = new Signal<this, SessionCommandFailure>(this);
}
