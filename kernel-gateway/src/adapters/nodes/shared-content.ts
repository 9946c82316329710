import type { AgentConnection } from '../../core/index.js';
import type { Fields } from '../../core/nodes/own-fields.js';
import { putContent } from '../session/place-file.js';

/** Bytes of content that are kept for nodes which come later; the oldest goes. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** What the nodes of a group were given, by its hash, so that one that comes later can have it too. */
export class SharedContent {
  readonly #byHash = new Map<string, Uint8Array>();
  readonly #receiving = new Map<number, { sha256: string; parts: Uint8Array[] }>();
  #bytes = 0;

  /** A `put` was asked for: what follows on the stream is that content. */
  expect(stream: number, sha256: string): void {
    if (!this.#byHash.has(sha256)) this.#receiving.set(stream, { sha256, parts: [] });
  }

  /** Nothing follows on the stream: every node has it already. */
  forget(stream: number): void {
    this.#receiving.delete(stream);
  }

  take(stream: number, bytes: Uint8Array): void {
    this.#receiving.get(stream)?.parts.push(bytes);
  }

  end(stream: number): void {
    const received = this.#receiving.get(stream);
    this.#receiving.delete(stream);
    if (received === undefined) return;
    const bytes = Buffer.concat(received.parts);
    this.#byHash.set(received.sha256, bytes);
    this.#bytes += bytes.length;
    for (const [hash, oldest] of this.#byHash) {
      if (this.#bytes <= KEPT_BYTES || hash === received.sha256) return;
      this.#byHash.delete(hash);
      this.#bytes -= oldest.length;
    }
  }

  /** Gives a node the content that a request names. @throws LabError */
  async give(connection: AgentConnection, fields: Fields): Promise<void> {
    const { sha256 } = fields as { sha256?: string };
    const bytes = sha256 === undefined ? undefined : this.#byHash.get(sha256);
    if (sha256 !== undefined && bytes !== undefined) await putContent(connection, bytes, sha256);
  }
}
