/**
 * Standard input of the executing cell: one question at a time, to the client that runs the cell and to nobody else.
 * What Jupyter clients send for Ctrl-D is the character U+0004; it means end of file, as in ipykernel.
 */
import type { CellInputLine } from '../session/ports.js';
import type { JupyterMessage, KernelClient } from './jupyter-message.js';
import type { MessageFactory } from './message-factory.js';

const END_OF_FILE = '\u0004';

interface Question {
  client: KernelClient;
  /** Id of the input_request. */
  id: string;
  answer(line: CellInputLine): void;
}

/** Questions of one kernel life. */
export class InputDesk {
  readonly #messages: MessageFactory;
  #open: Question | null = null;

  constructor(messages: MessageFactory) {
    this.#messages = messages;
  }

  /** Asks the client of the request; a client that goes away for good gives end of file. */
  ask(request: JupyterMessage, client: KernelClient, prompt: string): Promise<CellInputLine> {
    return new Promise(resolve => {
      const content = { prompt, password: false };
      const question = this.#messages.make('stdin', 'input_request', request.header, { content });
      this.#open = { client, id: question.header.msg_id, answer: resolve };
      client.send(question);
    });
  }

  /** input_reply; an answer to another question, or of another client, is dropped. Clients need not say what they answer. */
  reply(message: JupyterMessage, client: KernelClient): void {
    const parent = message.parent_header as { msg_id?: string; msg_type?: string };
    const isOther = parent.msg_type === 'input_request' && parent.msg_id !== this.#open?.id;
    if (this.#open?.client !== client || isOther) return;
    const { value, status } = message.content;
    if (typeof value !== 'string' || status === 'error') this.#answer({ text: '', isEnd: true });
    else if (value.endsWith(END_OF_FILE)) this.#answer({ text: value.slice(0, -1), isEnd: true });
    else this.#answer({ text: `${value}\n`, isEnd: false });
  }

  /** The client will not come back. */
  forget(client: KernelClient): void {
    if (this.#open?.client === client) this.#answer({ text: '', isEnd: true });
  }

  /** The cell has ended: whoever still answers is too late. */
  close(): void {
    this.#answer({ text: '', isEnd: true });
  }

  #answer(line: CellInputLine): void {
    const question = this.#open;
    this.#open = null;
    question?.answer(line);
  }
}
