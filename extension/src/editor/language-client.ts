import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { LANGUAGE_COMM, type LanguageAnswers, type LanguageAsk, type LanguageReply } from 'kernel-gateway/protocol';
import { keepOpen } from '../session/keep-open.js';
import type { LabSession } from '../session/lab-session.js';
import { refusalInLanguage } from '../session/refusal-in-language.js';

/** Why an editor got no answer: the session's sentence and next step. */
export class LanguageError extends Error {
  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }

  readonly hint: string;
}

interface IPending {
  question: JSONObject;
  resolve: (answer: never) => void;
  reject: (error: Error) => void;
}

const clients = new WeakMap<LabSession, LanguageClient>();

/** Asks one session for editors: a comm of its own, opened at the first question and anew when the kernel is another. */
export class LanguageClient {
  /** The client of a session; one for each. */
  static of(session: LabSession): LanguageClient {
    const known = clients.get(session);
    if (known !== undefined) {
      return known;
    }
    const client = new LanguageClient(session);
    clients.set(session, client);
    return client;
  }

  private constructor(session: LabSession) {
    this._session = session;
    session.changed.connect(this._onSessionChanged, this);
  }

  /**
   * The session's answer.
   *
   * @throws LanguageError when the session cannot, or is gone
   */
  ask<K extends LanguageAsk['kind']>(ask: Extract<LanguageAsk, { kind: K }>): Promise<LanguageAnswers[K]> {
    const comm = this._connect();
    if (comm === null) {
      return Promise.reject(new LanguageError('', ''));
    }
    const id = ++this._lastId;
    return new Promise((resolve, reject) => {
      const question = { id, ask };
      this._pending.set(id, { question, resolve, reject });
      comm.send(question);
    });
  }

  private _connect(): Kernel.IComm | null {
    const kernel = this._session.kernel;
    if (kernel === null || (this._comm !== null && kernel === this._kernel)) {
      return kernel === null ? null : this._comm;
    }
    const comm = kernel.createComm(LANGUAGE_COMM);
    this._comm = comm;
    this._kernel = kernel;
    comm.onMsg = (message: KernelMessage.ICommMsgMsg) => {
      this._settle(message.content.data as unknown as LanguageReply);
    };
    comm.onClose = () => this._drop(comm);
    this._kept = keepOpen(kernel, comm, { unanswered: this._pending });
    return comm;
  }

  private _settle(reply: LanguageReply): void {
    const pending = this._pending.get(reply.id);
    this._pending.delete(reply.id);
    if (reply.ok) {
      pending?.resolve(reply.answer as never);
    } else {
      const { message, hint } = refusalInLanguage(reply, this._session.language);
      pending?.reject(new LanguageError(message, hint));
    }
  }

  private _drop(comm: Kernel.IComm | null): void {
    if (this._comm !== comm) {
      return;
    }
    this._comm = null;
    this._kernel = null;
    this._kept?.dispose();
    for (const { reject } of this._pending.values()) {
      reject(new LanguageError('', ''));
    }
    this._pending.clear();
  }

  private _onSessionChanged(): void {
    if (this._session.kernel !== this._kernel && this._comm !== null) {
      this._drop(this._comm);
    }
  }

  private readonly _session: LabSession;
  private readonly _pending = new Map<number, IPending>();
  private _comm: Kernel.IComm | null = null;
  private _kept: IDisposable | null = null;
  private _kernel: Kernel.IKernelConnection | null = null;
  private _lastId = 0;
}
