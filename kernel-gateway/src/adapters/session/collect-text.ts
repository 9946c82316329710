import type { AgentConnection } from '../../core/index.js';

/** A fresh stream whose bytes are kept: `text` resolves with all of them as UTF-8, without NULs, when it has ended. */
export function collectText(connection: AgentConnection): { stream: number; text(): Promise<string> } {
  const stream = connection.newStream();
  const parts: Uint8Array[] = [];
  const ended = new Promise<void>(resolve => {
    connection.onStream(stream, { data: payload => parts.push(payload.slice()), end: resolve });
  });
  return { stream, text: () => ended.then(() => Buffer.concat(parts).toString('utf8').replace(/\0/g, '')) };
}
