/**
 * A Jupyter kernel without transport: drives one `Session` and answers every client over sinks.
 *
 * Cells execute one after the other; every other request is answered at once, also while a cell executes, so that a view
 * scrolls and a second front end connects during a long `%wait`. The real websocket and ZeroMQ are adapters.
 */
import { LabError } from '../../protocol/index.js';
import type { CellInputLine, CellOutcome, Session } from '../session/ports.js';
import { toCodePoints, toUtf16Index } from './code-points.js';
import { CommDesk } from './comm-desk.js';
import { ExpectedOutput } from './expected-output.js';
import { ExecutionQueue, type QueuedCell } from './execution-queue.js';
import { fillPlaceholders } from './fill-placeholders.js';
import { InputDesk } from './input-desk.js';
import { InputHistory } from './input-history.js';
import type { JupyterMessage, KernelClient, KernelClock } from './jupyter-message.js';
import { kernelInfo } from './kernel-info.js';
import { MessageFactory } from './message-factory.js';
import { OutputPublisher } from './output-publisher.js';
import { SubshellList } from './subshell-list.js';

/**
 * A failed cell's reply waits this long, so that the rest of "Run All" that is already on its way is aborted with the
 * cells that wait. No client can know of the failure before, so nothing is aborted that was sent in answer to it.
 */
export const ABORT_GATHER_MS = 20;

/** What a kernel needs of the world. */
export interface KernelPorts {
  clock: KernelClock;
  /** Sends an iopub message to every client. */
  publish(message: JupyterMessage): void;
  /** A client asked for the kernel's end; called after the reply was sent. */
  onShutdownRequest(restart: boolean): void;
  /** The product's version. */
  version: string;
}

type Failure = Extract<CellOutcome, { kind: 'failed' }>;
type Answer = Record<string, unknown> | Promise<Record<string, unknown>>;

/** One life of a kernel: a restart makes a new one with a new session. */
export class KernelCore {
  readonly #session: Session;
  readonly #ports: KernelPorts;
  readonly #messages: MessageFactory;
  readonly #outputs: OutputPublisher;
  readonly #comms: CommDesk;
  readonly #input: InputDesk;
  readonly #queue: ExecutionQueue;
  readonly #history = new InputHistory();
  readonly #subshells: SubshellList;
  #executionCount = 0;
  /** Whether the running cell's placeholders are asked for. */
  #isFilling = false;
  #ended: Promise<void> | null = null;

  constructor(session: Session, ports: KernelPorts) {
    this.#session = session;
    this.#ports = ports;
    this.#messages = new MessageFactory(ports.clock);
    this.#outputs = new OutputPublisher(this.#messages, ports.clock, message => this.#publish(message));
    this.#comms = new CommDesk(session, this.#messages);
    this.#input = new InputDesk(this.#messages);
    this.#subshells = new SubshellList(ports.clock);
    this.#queue = new ExecutionQueue({ execute: cell => this.#execute(cell), abort: cell => this.#abort(cell) });
    session.onOutput(output => this.#outputs.lateOutput(output));
    this.#status('idle', null);
  }

  /** `busy` while a cell executes. */
  get executionState(): 'idle' | 'busy' {
    return this.#queue.running ? 'busy' : 'idle';
  }

  /** Takes one message of a client. Unknown and malformed ones are dropped, as the protocol wants. */
  handle(message: JupyterMessage, client: KernelClient): void {
    if (message.header.msg_type === 'execute_request') this.#queue.add({ message, client });
    else if (message.header.msg_type === 'input_reply') this.#input.reply(message, client);
    else void this.#answerNow(message, client);
  }

  /** The client will not come back: its comms end, and a cell that waits for its input gets end of file. */
  forget(client: KernelClient): void {
    this.#input.forget(client);
    this.#comms.forget(client);
  }

  /** Ends what the executing cell waits for; the cells behind it are aborted. */
  interrupt(): void {
    if (this.#queue.running) this.#session.interrupt();
    // The session does not know yet of a cell that still asks what to put into it.
    if (this.#isFilling) this.#input.close();
  }

  /** Ends the kernel: queue aborted, comms closed, the session and all it made gone when it resolves. */
  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<void> {
    this.#queue.close();
    this.interrupt();
    this.#comms.closeAll();
    await this.#session.close();
    this.#outputs.flush();
  }

  #publish(message: JupyterMessage): void {
    this.#ports.publish(message);
  }

  /** Tells every client, or `only` one. */
  #status(state: 'busy' | 'idle', parent: JupyterMessage | null, only: KernelClient | null = null): void {
    const message = this.#messages.make('iopub', 'status', parent?.header ?? null, {
      content: { execution_state: state }
    });
    if (only) only.send(message);
    else this.#publish(message);
  }

  #reply(message: JupyterMessage, client: KernelClient, content: Record<string, unknown>, metadata = {}): void {
    const type = message.header.msg_type.replace(/_request$/, '_reply');
    client.send(this.#messages.make(message.channel, type, message.header, { content, metadata }));
  }

  async #answerNow(message: JupyterMessage, client: KernelClient): Promise<void> {
    // Of a comm only its client hears: a flood of one page's must not be everybody's.
    const only = commTypes.has(message.header.msg_type) ? client : null;
    this.#status('busy', message, only);
    try {
      // A comm has its own id. JupyterLab (4.6, services/kernel/comm.js) has one subshell for all comms of a target and
      // ends it with any one of them: what the others say then names a subshell that is gone.
      if (only === null) this.#subshells.check(message.header.subshell_id);
      const answer = await this.#answer(message, client);
      if (answer) this.#reply(message, client, answer);
    } catch (error) {
      const { code, message: evalue } = asFailure(error);
      if (message.header.msg_type.endsWith('_request')) {
        this.#reply(message, client, { status: 'error', ename: code, evalue, traceback: [] });
      }
    } finally {
      this.#status('idle', message, only);
      // Front ends show the newest status whatever its parent: say again that a cell executes.
      if (this.#queue.running) this.#status('busy', this.#queue.running.message, only);
    }
    if (message.header.msg_type === 'shutdown_request')
      this.#ports.onShutdownRequest(message.content['restart'] === true);
  }

  /** Content of the reply; null for messages that have none. */
  #answer(message: JupyterMessage, client: KernelClient): Answer | Promise<null> | null {
    const content = message.content;
    switch (message.header.msg_type) {
      case 'kernel_info_request':
        return kernelInfo(this.#ports.version);
      case 'complete_request':
        return this.#complete(text(content['code']), Number(content['cursor_pos'] ?? 0));
      case 'inspect_request':
        return this.#inspect(text(content['code']), Number(content['cursor_pos'] ?? 0));
      case 'is_complete_request':
        return { status: this.#session.isComplete(text(content['code'])), indent: '' };
      case 'history_request':
        return this.#history.answer(content);
      case 'comm_info_request':
        return this.#comms.info(content['target_name']);
      case 'interrupt_request':
        this.interrupt();
        return { status: 'ok' };
      case 'shutdown_request':
        return { status: 'ok', restart: content['restart'] === true };
      default:
        return this.#subshells.answer(message) ?? this.#comm(message, client);
    }
  }

  #comm(message: JupyterMessage, client: KernelClient): Promise<null> | null {
    switch (message.header.msg_type) {
      case 'comm_open':
        this.#comms.open(message, client);
        return null;
      case 'comm_msg':
        return this.#comms.message(message, client).then(() => null);
      case 'comm_close':
        this.#comms.close(message, client);
        return null;
      default:
        return null;
    }
  }

  async #complete(code: string, cursor: number): Promise<Record<string, unknown>> {
    const { matches, start, end, items } = await this.#session.complete(code, toUtf16Index(code, cursor));
    const cursor_start = toCodePoints(code, start);
    const cursor_end = toCodePoints(code, end);
    const typed = items?.map(item => ({ ...item, start: cursor_start, end: cursor_end }));
    // JupyterLab and IPython's clients show the types of words that stand under this name.
    const metadata = typed ? { _jupyter_types_experimental: typed } : {};
    return { status: 'ok', matches, cursor_start, cursor_end, metadata };
  }

  async #inspect(code: string, cursor: number): Promise<Record<string, unknown>> {
    const { found, text: help } = await this.#session.inspect(code, toUtf16Index(code, cursor));
    const data = found ? { 'text/plain': help } : {};
    return { status: 'ok', found, data, metadata: {} };
  }

  async #execute({ message, client }: QueuedCell): Promise<boolean> {
    const isSilent = message.content['silent'] === true;
    const code = text(message.content['code']);
    const started = this.#ports.clock.now();
    this.#status('busy', message);
    if (!isSilent) this.#announceInput(message, code);
    this.#outputs.begin(message.header);
    const outcome = await this.#run({ message, client }, code, isSilent);
    this.#input.close();
    this.#outputs.end();
    const failure = asFailedOutcome(outcome);
    if (failure && !isSilent) {
      const content = errorContent(failure);
      this.#publish(this.#messages.make('iopub', 'error', message.header, { content }));
    }
    const goOn = !failure || message.content['stop_on_error'] === false;
    if (!goOn) await this.#gather();
    const content = failure
      ? { status: 'error', execution_count: this.#executionCount, ...errorContent(failure) }
      : { status: 'ok', execution_count: this.#executionCount, user_expressions: {}, payload: [] };
    this.#reply(message, client, content, { started, status: content.status, dependencies_met: true });
    this.#status('idle', message);
    return goOn;
  }

  #announceInput(message: JupyterMessage, code: string): void {
    if (message.content['store_history'] !== false) {
      this.#executionCount++;
      this.#history.add(this.#executionCount, code);
    }
    const content = { code, execution_count: this.#executionCount };
    this.#publish(this.#messages.make('iopub', 'execute_input', message.header, { content }));
  }

  async #run({ message, client }: QueuedCell, code: string, isSilent: boolean): Promise<CellOutcome> {
    try {
      const cellId = text(message.metadata['cellId']);
      const ask = (prompt: string): Promise<CellInputLine> => {
        // What stands above the question has to be seen before it.
        this.#outputs.flush();
        return this.#input.ask(message, client, prompt);
      };
      const input = message.content['allow_stdin'] === true ? { input: { kind: 'ask' as const, ask } } : {};
      const expected = isSilent ? null : ExpectedOutput.of(message.metadata);
      this.#isFilling = 'input' in input;
      const filled = this.#isFilling ? await fillPlaceholders(code, ask) : code;
      this.#isFilling = false;
      if (filled === null) return { kind: 'interrupted' };
      const outcome = await this.#session.execute({ text: filled, cellId, ...input }, output => {
        expected?.take(output);
        if (!isSilent) this.#outputs.output(output);
      });
      const said = outcome.kind === 'ok' ? expected?.result() : null;
      if (said) this.#outputs.output(said);
      return outcome;
    } catch (error) {
      return asFailure(error);
    }
  }

  #gather(): Promise<void> {
    return new Promise(resolve => this.#ports.clock.schedule(ABORT_GATHER_MS, resolve));
  }

  #abort({ message, client }: QueuedCell): void {
    this.#status('busy', message);
    this.#reply(message, client, { status: 'aborted', execution_count: this.#executionCount }, { status: 'aborted' });
    this.#status('idle', message);
  }
}

const commTypes = new Set(['comm_open', 'comm_msg', 'comm_close']);

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A thrown failure as an outcome; what is no LabError is a fault of the house and says so. */
function asFailure(error: unknown): Failure {
  const failure = LabError.of(error);
  const stack = failure.cause instanceof Error && failure.cause === error ? failure.cause.stack : undefined;
  return { kind: 'failed', ...failure.told, details: stack ?? failure.details };
}

function asFailedOutcome(outcome: CellOutcome): Failure | null {
  if (outcome.kind === 'ok') return null;
  return outcome.kind === 'failed'
    ? outcome
    : asFailure(new LabError('BPFLAB_CELL_INTERRUPTED', 'The cell was interrupted.'));
}

const RED = '\u001b[31m';
const RESET = '\u001b[0m';

/** `traceback` is what front ends print: the sentence, the next step, then the whole text behind it. */
function errorContent({ code, message, hint, details }: Failure): {
  ename: string;
  evalue: string;
  traceback: string[];
} {
  const traceback = [`${RED}${code}${RESET}: ${message}`, hint];
  if (details !== '') traceback.push('', ...details.split('\n'));
  return { ename: code, evalue: message, traceback };
}
