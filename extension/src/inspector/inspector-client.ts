import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { INSPECT_COMM, type InspectAnswers, type InspectReply, type InspectRequest } from 'kernel-gateway/protocol';
import type { IRefusalWords } from '../output-services.js';
import { keepOpen } from '../session/keep-open.js';
import { refusalInLanguage } from '../session/refusal-in-language.js';

type Question = InspectRequest extends infer R ? (R extends { type: string } ? Omit<R, 'request'> : never) : never;

/** What the session said against a request; `message` has its next step too. */
export class InspectError extends Error {}

interface IPending {
  question: JSONObject;
  resolve(answer: InspectAnswers[keyof InspectAnswers]): void;
  reject(error: Error): void;
}

/** Asks the session of a kernel what its target has loaded, over a comm of its own. Whoever makes it disposes of it. */
export class InspectorClient {
  constructor(kernel: Kernel.IKernelConnection, words: IRefusalWords) {
    this.kernel = kernel;
    this._words = words;
    this._comm = kernel.createComm(INSPECT_COMM);
    this._comm.onMsg = message => this._onMessage(message);
    this._comm.onClose = () => this._fail();
    this._kept = keepOpen(kernel, this._comm, { unanswered: this._pending });
  }

  readonly kernel: Kernel.IKernelConnection;

  /** Rejects with InspectError as the session refuses, or when it is gone. */
  ask<T extends Question>(question: T): Promise<InspectAnswers[T['type']]> {
    return new Promise((resolve, reject) => {
      if (this._isDisposed || this._comm.isDisposed) {
        reject(this._gone());
        return;
      }
      const request = ++this._requests;
      const asked = { ...question, request };
      this._pending.set(request, {
        question: asked,
        resolve: answer => resolve(answer as InspectAnswers[T['type']]),
        reject
      });
      this._comm.send(asked);
    });
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._kept.dispose();
    this._fail();
    if (!this._comm.isDisposed && this.kernel.status !== 'dead') {
      this._comm.close();
    }
  }

  private _onMessage(message: KernelMessage.ICommMsgMsg): void {
    const reply = message.content.data as unknown as InspectReply;
    const pending = this._pending.get(reply.request);
    this._pending.delete(reply.request);
    if (reply.type === 'answer') {
      pending?.resolve(reply.answer);
    } else {
      const { message: why, hint } = refusalInLanguage(reply, this._words.language);
      pending?.reject(new InspectError(`${why} ${hint}`.trim()));
    }
  }

  private _gone(): InspectError {
    return new InspectError(this._words.trans.__('The session does not answer.'));
  }

  private _fail(): void {
    for (const pending of this._pending.values()) {
      pending.reject(this._gone());
    }
    this._pending.clear();
  }

  private readonly _words: IRefusalWords;
  private readonly _comm: Kernel.IComm;
  private readonly _kept: IDisposable;
  private readonly _pending = new Map<number, IPending>();
  private _requests = 0;
  private _isDisposed = false;
}
