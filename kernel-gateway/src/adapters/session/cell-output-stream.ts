import type { CellOutput } from '../../core/index.js';

/** Text is sent at the latest after this time, or when this much is waiting. */
const FLUSH_MS = 50;
const FLUSH_CHARS = 64 * 1024;
/** Characters a second at most and stream, so that a flood stays below the 1 MB/s of Jupyter's servers. */
const CHARS_PER_SECOND = 300_000;
/** What is sent as it comes; of what follows only the end is kept. */
const HEAD_CHARS = 1024 * 1024;
const TAIL_CHARS = 32 * 1024;
/** A line that is not finished is kept back so long when it may turn out to be a question. */
const HOLD_MS = 500;

/**
 * A process's output on its way into a notebook: bytes to text (UTF-8; what is no text is made visible), merged, slowed
 * down, and cut in the middle when there is too much, with the number of characters that were left out.
 */
export class CellOutputStream {
  readonly #name: 'stdout' | 'stderr';
  readonly #send: (output: CellOutput) => void;
  readonly #holdMs: number;
  readonly #decoder = new TextDecoder('utf-8', { fatal: false });
  #waiting = '';
  #sentChars = 0;
  #tail = '';
  #omittedChars = 0;
  #timer: NodeJS.Timeout | null = null;
  #windowStart = 0;
  #windowChars = 0;
  /** When the line that is not finished began to wait. */
  #lineStart = 0;

  constructor(options: { name: 'stdout' | 'stderr'; holdsLine?: boolean; send: (output: CellOutput) => void }) {
    this.#name = options.name;
    this.#holdMs = options.holdsLine === true ? HOLD_MS : 0;
    this.#send = options.send;
  }

  /** Sends the whole lines that wait, and gives what follows them, which is then not shown here. */
  takeUnfinishedLine(): string {
    const start = this.#waiting.lastIndexOf('\n') + 1;
    const line = this.#tail === '' ? this.#waiting.slice(start) : '';
    const lines = this.#waiting.slice(0, this.#waiting.length - line.length);
    this.#waiting = '';
    this.#stopTimer();
    this.#sendText(lines);
    return line;
  }

  /** Bytes in order; never blocks the process that writes them. */
  write(bytes: Uint8Array): void {
    this.#take(visible(this.#decoder.decode(bytes, { stream: true })));
  }

  /** Sends what is held back; nothing may be written after it. */
  end(): void {
    this.#take(visible(this.#decoder.decode()));
    this.#stopTimer();
    if (this.#omittedChars > 0) {
      this.#waiting += `\n[… ${this.#omittedChars} more characters of ${this.#name} are not shown …]\n`;
    }
    this.#sendText(this.#waiting + this.#tail);
    this.#waiting = '';
  }

  #take(text: string): void {
    if (text.includes('\n') || this.#waiting === '' || this.#waiting.endsWith('\n')) {
      this.#lineStart = performance.now();
    }
    const headLeft = HEAD_CHARS - this.#sentChars - this.#waiting.length;
    if (text.length <= headLeft) {
      this.#waiting += text;
    } else {
      this.#waiting += text.slice(0, Math.max(0, headLeft));
      this.#keepTail(text.slice(Math.max(0, headLeft)));
    }
    if (this.#waiting.length >= FLUSH_CHARS) {
      this.#flush();
    } else if (this.#waiting !== '') {
      this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
    }
  }

  #keepTail(text: string): void {
    const all = this.#tail + text;
    this.#tail = all.slice(-TAIL_CHARS);
    this.#omittedChars += all.length - this.#tail.length;
  }

  #flush(): void {
    this.#stopTimer();
    const now = performance.now();
    if (now - this.#windowStart >= 1000) {
      this.#windowStart = now;
      this.#windowChars = 0;
    }
    const text = this.#waiting.slice(0, Math.min(this.#readyChars(now), CHARS_PER_SECOND - this.#windowChars));
    this.#waiting = this.#waiting.slice(text.length);
    this.#windowChars += text.length;
    this.#sendText(text);
    if (this.#waiting !== '') {
      const isSlowed = this.#windowChars >= CHARS_PER_SECOND;
      this.#timer = setTimeout(() => this.#flush(), isSlowed ? this.#windowStart + 1000 - now : FLUSH_MS);
    }
  }

  /** How much of what waits may go out: all, or the whole lines. */
  #readyChars(now: number): number {
    const isHeld = now - this.#lineStart < this.#holdMs;
    return isHeld ? this.#waiting.lastIndexOf('\n') + 1 : this.#waiting.length;
  }

  #sendText(text: string): void {
    if (text !== '') {
      this.#sentChars += text.length;
      this.#send({ kind: 'stream', name: this.#name, text });
    }
  }

  #stopTimer(): void {
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
      this.#timer = null;
    }
  }
}

/** Control characters that would change a terminal or a notebook are shown as pictures; line ends, tabs and colors stay. */
function visible(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f]/g, control =>
    control === '\b' ? control : String.fromCharCode(0x2400 + control.charCodeAt(0))
  );
}
