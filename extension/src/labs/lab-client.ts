import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import { LAB_COMM, type LabAnswer, type LabReply, type LabRequest, type LabState } from 'kernel-gateway/protocol';
import type { IRefusalWords } from '../output-services.js';
import { keepOpen } from '../session/keep-open.js';
import { refusalInLanguage } from '../session/refusal-in-language.js';

/** What the session said against a request; `message` has its next step too. */
export class LabRefusal extends Error {}

/** The lab of a notebook's session, over a comm of its own. Whoever makes it disposes of it. */
export class LabClient {
  constructor(
    readonly kernel: Kernel.IKernelConnection,
    words: IRefusalWords
  ) {
    this._words = words;
    this._comm = kernel.createComm(LAB_COMM);
    this._comm.onMsg = message => this._onMessage(message);
    this._comm.onClose = () => this._fail();
    this._kept = keepOpen(kernel, this._comm, { unanswered: this._pending });
  }

  /** Null until the session has told it; `lab` is empty for a notebook of no lab. */
  get state(): LabState | null {
    return this._state;
  }

  /** Emitted when the state was told anew. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Rejects with LabRefusal as the session refuses, or when it is gone. `step` empty: the current one. */
  ask(type: LabRequest['type'], step: string): Promise<LabAnswer> {
    return new Promise((resolve, reject) => {
      if (this._comm.isDisposed) {
        reject(this._gone());
        return;
      }
      const request = ++this._requests;
      const question = { request, type, step };
      this._pending.set(request, { question, resolve, reject });
      this._comm.send(question);
    });
  }

  dispose(): void {
    this._kept.dispose();
    this._fail();
    if (!this._comm.isDisposed && this.kernel.status !== 'dead') {
      this._comm.close();
    }
    Signal.clearData(this);
  }

  private _onMessage(message: KernelMessage.ICommMsgMsg): void {
    const data = message.content.data as unknown as LabState | LabReply;
    if (data.type === 'lab') {
      this._state = data;
      this._changed.emit();
      return;
    }
    const pending = this._pending.get(data.request);
    this._pending.delete(data.request);
    if (data.type === 'answer') {
      pending?.resolve(data.answer);
    } else {
      const { message: why, hint } = refusalInLanguage(data, this._words.language);
      pending?.reject(new LabRefusal(`${why} ${hint}`.trim()));
    }
  }

  private _gone(): LabRefusal {
    return new LabRefusal(this._words.trans.__('The session does not answer.'));
  }

  private _fail(): void {
    for (const { reject } of this._pending.values()) {
      reject(this._gone());
    }
    this._pending.clear();
  }

  private readonly _words: IRefusalWords;
  private readonly _comm: Kernel.IComm;
  private readonly _kept: IDisposable;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _pending = new Map<
    number,
    { question: JSONObject; resolve: (answer: LabAnswer) => void; reject: (error: Error) => void }
  >();
  private _state: LabState | null = null;
  private _requests = 0;
}
