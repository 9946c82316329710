import { encodeUtf8 } from '../decode/encode-utf8.js';

/** Longest line that waits for its end; a longer one goes in pieces. */
const MAX_LINE_BYTES = 64 * 1024;
const LINE_END = 10;

/** Output of the same program on many nodes as one text: whole lines, each with the name of its node in front. */
export class NodeLines {
  readonly #names: readonly string[];
  readonly #write: (bytes: Uint8Array) => void;
  readonly #unfinished = new Map<number, Uint8Array>();

  constructor(names: readonly string[], write: (bytes: Uint8Array) => void) {
    this.#names = names;
    this.#write = write;
  }

  take(bytes: Uint8Array, node: number): void {
    const before = this.#unfinished.get(node);
    const all = before === undefined ? bytes.slice() : joined([before, bytes]);
    const end = all.length > MAX_LINE_BYTES ? all.length : all.lastIndexOf(LINE_END) + 1;
    this.#unfinished.set(node, all.subarray(end));
    if (end > 0) this.#put(all.subarray(0, end), node);
  }

  /** Writes what has no line end. */
  end(): void {
    for (const [node, bytes] of this.#unfinished) if (bytes.length > 0) this.#put(joined([bytes, LINE_BREAK]), node);
    this.#unfinished.clear();
  }

  #put(lines: Uint8Array, node: number): void {
    const prefix = encodeUtf8(`${this.#names[node] ?? ''} | `);
    const parts: Uint8Array[] = [];
    for (let start = 0; start < lines.length;) {
      const found = lines.indexOf(LINE_END, start);
      const end = found < 0 ? lines.length : found + 1;
      parts.push(prefix, lines.subarray(start, end));
      start = end;
    }
    this.#write(joined(parts));
  }
}

const LINE_BREAK = new Uint8Array([LINE_END]);

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
