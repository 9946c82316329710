/**
 * The kernel's side of comms: `bpflab.view` (windows on stores), `bpflab.session` (status and commands),
 * `bpflab.language` (questions of editors), `bpflab.verifier` (the log of an accepted program),
 * `bpflab.inspect` (what a target has loaded).
 * Answered at once, also while a cell executes. A comm's messages go only to the client that opened it: windows are
 * large, and no other client knows the comm's id.
 */
import {
  INSPECT_COMM,
  inspectRequestSchema,
  LAB_COMM,
  LabError,
  labRequestSchema,
  LANGUAGE_COMM,
  languageRequestSchema,
  SESSION_COMM,
  sessionCommandSchema,
  VERIFIER_COMM,
  VIEW_COMM,
  viewOpenSchema,
  windowRequestSchema,
  type SessionCommandDone,
  type SessionCommandFailure
} from '../../protocol/index.js';
import type { Session, ViewSubscription } from '../session/ports.js';
import { AskedOnce } from './asked-once.js';
import { answerQuestion } from './answer-question.js';
import type { JupyterMessage, KernelClient, MessageHeader } from './jupyter-message.js';
import { answerLanguage } from './language-comm.js';
import type { MessageFactory } from './message-factory.js';
import { sendVerifierLog } from './verifier-comm.js';

/** Comms that one client may have open: a notebook that looks at 1,000 maps at once has a quarter of them. */
const MAX_COMMS = 4096;

interface Comm {
  target: string;
  client: KernelClient;
  /** Header of the comm_open: parent of what the kernel sends unasked. */
  opened: MessageHeader;
  view: ViewSubscription | null;
  /** Of commands, and of questions to the inspector and the lab; those of editors change nothing and may be asked twice. */
  asked: AskedOnce<object | null>;
}

/** Open comms of one kernel life. */
export class CommDesk {
  readonly #session: Session;
  readonly #messages: MessageFactory;
  readonly #comms = new Map<string, Comm>();

  constructor(session: Session, messages: MessageFactory) {
    this.#session = session;
    this.#messages = messages;
    session.onStatus(status => this.#announce(SESSION_COMM, { ...status }));
    session.onLabState(state => this.#announce(LAB_COMM, { ...state }));
  }

  /** Content of comm_info_reply; `target` limits it to one target. */
  info(target: unknown): Record<string, unknown> {
    const entries = [...this.#comms].filter(([, comm]) => typeof target !== 'string' || comm.target === target);
    const comms = Object.fromEntries(entries.map(([id, comm]) => [id, { target_name: comm.target }]));
    return { status: 'ok', comms };
  }

  /**
   * comm_open: an unknown target, a malformed request and a view that is gone are answered with comm_close. A client that
   * has lost its socket opens its comms again, because it cannot know what got through: it is told everything anew.
   */
  open(message: JupyterMessage, client: KernelClient): void {
    const id = commId(message);
    const target = message.content['target_name'];
    const known = this.#comms.get(id);
    if (known) this.#reopen(id, known, message, client);
    if (id === '' || known) return;
    const comm: Comm = { target: String(target), client, opened: message.header, view: null, asked: new AskedOnce() };
    if (this.#isFull(client)) {
      const text = `The comm was not opened — this client has ${MAX_COMMS} open, which is all it may have.`;
      const { code, message: reason, hint } = new LabError('BPFLAB_COMM_LIMIT', text);
      this.#send(comm, 'comm_close', { comm_id: id, data: { code, reason, hint } });
    } else if (target === SESSION_COMM || target === LAB_COMM) {
      this.#comms.set(id, comm);
      this.#tellState(id, comm);
    } else if (target === VERIFIER_COMM) {
      this.#comms.set(id, comm);
      void sendVerifierLog(this.#session, message.content['data'], (data, buffers) => {
        if (this.#comms.get(id) === comm) this.#tell(id, comm, { ...data }, buffers);
      });
    } else if (target === LANGUAGE_COMM || target === INSPECT_COMM) this.#comms.set(id, comm);
    else if (target === VIEW_COMM) this.#openView(id, comm, message.content['data']);
    else this.#refuse(id, comm, `The kernel has no comm target "${String(target)}".`);
  }

  /** comm_msg; messages for a comm that is not open, or is another client's, are dropped. */
  async message(message: JupyterMessage, client: KernelClient): Promise<void> {
    const id = commId(message);
    const comm = this.#comms.get(id);
    if (comm?.client !== client) return;
    if (comm.view) {
      const request = windowRequestSchema.safeParse(message.content['data']);
      if (request.success) comm.view.request(request.data);
      return;
    }
    const data = message.content['data'];
    if (comm.target === LANGUAGE_COMM) await this.#answerEditor(id, comm, data);
    else if (comm.target !== VERIFIER_COMM) await this.#answerOnce(id, comm, data);
  }

  /** comm_close of the client. */
  close(message: JupyterMessage, client: KernelClient): void {
    const id = commId(message);
    const comm = this.#comms.get(id);
    if (comm?.client !== client) return;
    comm.view?.close();
    this.#comms.delete(id);
  }

  /** Ends the comms of a client that is gone for good. */
  forget(client: KernelClient): void {
    for (const [id, comm] of this.#comms) {
      if (comm.client !== client) continue;
      comm.view?.close();
      this.#comms.delete(id);
    }
  }

  /** Ends all comms and tells their clients. */
  closeAll(): void {
    for (const [id, comm] of this.#comms) {
      comm.view?.close();
      this.#send(comm, 'comm_close', { comm_id: id, data: {} });
    }
    this.#comms.clear();
  }

  #isFull(client: KernelClient): boolean {
    if (this.#comms.size < MAX_COMMS) return false;
    let open = 0;
    for (const comm of this.#comms.values()) if (comm.client === client) open++;
    return open >= MAX_COMMS;
  }

  #reopen(id: string, comm: Comm, message: JupyterMessage, client: KernelClient): void {
    if (comm.client !== client) return;
    if (comm.view) {
      comm.view.close();
      this.#openView(id, comm, message.content['data']);
    } else this.#tellState(id, comm);
  }

  #tellState(id: string, comm: Comm): void {
    if (comm.target === SESSION_COMM) this.#tell(id, comm, { ...this.#session.status() });
    else if (comm.target === LAB_COMM) {
      void this.#session.openLab().then(state => this.#comms.get(id) === comm && this.#tell(id, comm, { ...state }));
    }
  }

  #openView(id: string, comm: Comm, data: unknown): void {
    const open = viewOpenSchema.safeParse(data);
    if (!open.success) {
      this.#comms.delete(id);
      this.#refuse(id, comm, 'The view was not opened — the request names no view or no window.');
      return;
    }
    // Entered before the session is asked: it may send the first window at once.
    this.#comms.set(id, comm);
    comm.view = this.#session.openView(open.data.view, open.data.window, (window, buffers) => {
      if (this.#comms.get(id) === comm) this.#tell(id, comm, { ...window }, buffers);
    });
    if (comm.view) return;
    this.#comms.delete(id);
    this.#refuse(id, comm, `The view "${open.data.view}" is gone; its output shows the last snapshot.`);
  }

  /** A client that has lost its connection asks again, because it cannot know what was heard. */
  async #answerOnce(id: string, comm: Comm, data: unknown): Promise<void> {
    const answers: Record<string, () => Promise<object | null>> = {
      [INSPECT_COMM]: () =>
        answerQuestion(inspectRequestSchema.safeParse(data).data, asked => this.#session.examine(asked)),
      [LAB_COMM]: () => answerQuestion(labRequestSchema.safeParse(data).data, asked => this.#session.askLab(asked)),
      [SESSION_COMM]: () => this.#command(data)
    };
    const reply = await comm.asked.ask(requestName(data), answers[comm.target]!);
    if (reply && this.#comms.get(id) === comm) this.#tell(id, comm, { ...reply });
  }

  async #command(data: unknown): Promise<SessionCommandDone | SessionCommandFailure | null> {
    const command = sessionCommandSchema.safeParse(data);
    const request = requestName(data);
    try {
      if (!command.success)
        throw new LabError('BPFLAB_INTERNAL', 'The session was sent a command that it does not know.');
      await this.#session.command(command.data);
      return request === '' ? null : { type: 'command_done', request };
    } catch (error) {
      return { type: 'command_failed', request, ...LabError.of(error).told };
    }
  }

  async #answerEditor(id: string, comm: Comm, data: unknown): Promise<void> {
    const request = languageRequestSchema.safeParse(data);
    if (!request.success) return;
    const reply = await answerLanguage(this.#session, request.data.id, request.data.ask);
    if (this.#comms.get(id) === comm) this.#tell(id, comm, { ...reply });
  }

  #announce(target: string, data: Record<string, unknown>): void {
    for (const [id, comm] of this.#comms) if (comm.target === target) this.#tell(id, comm, data);
  }

  #refuse(id: string, comm: Comm, reason: string): void {
    this.#send(comm, 'comm_close', { comm_id: id, data: { reason } });
  }

  #tell(id: string, comm: Comm, data: Record<string, unknown>, buffers: Uint8Array[] = []): void {
    this.#send(comm, 'comm_msg', { comm_id: id, data }, buffers);
  }

  #send(comm: Comm, type: string, content: Record<string, unknown>, buffers: Uint8Array[] = []): void {
    comm.client.send(this.#messages.make('iopub', type, comm.opened, { content, buffers }));
  }
}

/** The name that the client gave to what it asks so that the answer finds it; empty when it gave none. */
const requestName = (data: unknown): string => {
  const name = typeof data === 'object' && data !== null && 'request' in data ? data.request : '';
  return typeof name === 'string' || typeof name === 'number' ? String(name) : '';
};

const commId = (message: JupyterMessage): string => {
  const id = message.content['comm_id'];
  return typeof id === 'string' ? id : '';
};
