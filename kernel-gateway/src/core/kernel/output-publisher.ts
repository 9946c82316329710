/**
 * Turns a session's outputs into iopub messages.
 *
 * Streams are merged: JupyterLab's cost per stream message grows with what is already there (5,000 one-line messages took
 * 32 s, merged ones 0.6 s), and headless clients keep every message as an output of its own.
 * Displays belong to the request that created them; updates after its end go out under that request, and once more under
 * the current one before it ends, because a headless client reads only while a cell executes.
 */
import type { CellOutput } from '../session/ports.js';
import type { JupyterMessage, KernelClock, MessageHeader } from './jupyter-message.js';
import type { MessageFactory } from './message-factory.js';

/** Text is sent at the latest after this time … */
export const STREAM_FLUSH_MS = 50;
/** … or when this many characters are waiting. */
const STREAM_FLUSH_CHARS = 64 * 1024;
/** Characters of one stream that one cell may put into the notebook; what is beyond is counted and said. */
export const STREAM_LIMIT_CHARS = 2 * 1024 * 1024;
/** Displays whose owner is remembered; the oldest beyond are updated under no request. */
const DISPLAY_LIMIT = 4096;

type StreamName = 'stdout' | 'stderr';

interface Display {
  owner: MessageHeader | null;
  data: Record<string, unknown>;
  /** Updated outside of the current request since it was last sent under one. */
  isStale: boolean;
}

interface PendingStream {
  parent: MessageHeader | null;
  name: StreamName;
  text: string;
}

/** Publishes outputs of the executing cell and of runs that outlive theirs. */
export class OutputPublisher {
  readonly #messages: MessageFactory;
  readonly #clock: KernelClock;
  readonly #publish: (message: JupyterMessage) => void;
  readonly #displays = new Map<string, Display>();
  #current: MessageHeader | null = null;
  #pending: PendingStream | null = null;
  #cancelFlush: (() => void) | null = null;
  #streamed: Record<StreamName, number> = { stdout: 0, stderr: 0 };

  constructor(messages: MessageFactory, clock: KernelClock, publish: (message: JupyterMessage) => void) {
    this.#messages = messages;
    this.#clock = clock;
    this.#publish = publish;
  }

  /** The request whose outputs come next. */
  begin(parent: MessageHeader): void {
    this.#current = parent;
    this.#streamed = { stdout: 0, stderr: 0 };
  }

  /** An output of the executing cell. */
  output(output: CellOutput): void {
    if (output.kind === 'stream') this.#stream(this.#current, output);
    else this.#display(this.#current, output, false);
  }

  /** An output of a run whose cell has completed: under the request that created the display. */
  lateOutput(output: CellOutput): void {
    if (output.kind === 'stream') this.#stream(this.#current, output);
    else this.#display(this.#displays.get(output.displayId)?.owner ?? null, output, true);
  }

  /** Before the current request's idle: the rest of its streams, and the newest state of what changed outside of it. */
  end(): void {
    for (const name of ['stdout', 'stderr'] as const) this.#sayWhatWasLeftOut(name);
    this.flush();
    for (const [displayId, display] of this.#displays) {
      if (!display.isStale) continue;
      display.isStale = false;
      this.#send(this.#current, 'update_display_data', displayContent(displayId, display.data));
    }
    this.#current = null;
  }

  /** Sends text that is waiting. */
  flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    const pending = this.#pending;
    this.#pending = null;
    if (pending) this.#send(pending.parent, 'stream', { name: pending.name, text: pending.text });
  }

  #stream(parent: MessageHeader | null, output: { name: StreamName; text: string }): void {
    const before = this.#streamed[output.name];
    this.#streamed[output.name] = before + output.text.length;
    const text = output.text.slice(0, Math.max(0, STREAM_LIMIT_CHARS - before));
    if (text === '') return;
    if (this.#pending && (this.#pending.name !== output.name || this.#pending.parent !== parent)) this.flush();
    if (this.#pending) this.#pending.text += text;
    else this.#pending = { parent, name: output.name, text };
    if (this.#pending.text.length >= STREAM_FLUSH_CHARS) this.flush();
    else this.#cancelFlush ??= this.#clock.schedule(STREAM_FLUSH_MS, () => this.flush());
  }

  #sayWhatWasLeftOut(name: StreamName): void {
    const left = this.#streamed[name] - STREAM_LIMIT_CHARS;
    if (left <= 0) return;
    this.flush();
    const text = `\n[${left} more characters of ${name} were counted and not kept in the notebook]\n`;
    this.#send(this.#current, 'stream', { name: 'stderr', text });
  }

  #display(
    parent: MessageHeader | null,
    output: { displayId: string; data: Record<string, unknown>; update: boolean },
    isLate: boolean
  ): void {
    this.flush();
    const known = this.#displays.get(output.displayId);
    this.#displays.delete(output.displayId);
    this.#displays.set(output.displayId, {
      owner: output.update && known ? known.owner : parent,
      data: output.data,
      isStale: isLate
    });
    if (this.#displays.size > DISPLAY_LIMIT) this.#displays.delete(this.#displays.keys().next().value!);
    const type = output.update ? 'update_display_data' : 'display_data';
    this.#send(parent, type, displayContent(output.displayId, output.data));
  }

  #send(parent: MessageHeader | null, type: string, content: Record<string, unknown>): void {
    this.#publish(this.#messages.make('iopub', type, parent, { content }));
  }
}

const displayContent = (displayId: string, data: Record<string, unknown>): Record<string, unknown> => ({
  data,
  metadata: {},
  transient: { display_id: displayId }
});
