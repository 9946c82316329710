import { createHash } from 'node:crypto';
import type { AgentConnection } from '../../core/index.js';

/** Gives the target content by its hash (lower-case hex); nothing is sent when it has it already. */
export async function putContent(connection: AgentConnection, bytes: Uint8Array, sha256: string): Promise<void> {
  const stream = connection.newStream();
  const { have } = await connection.request('put', { stream, sha256, size: bytes.length });
  if (!have) {
    await connection.sendData(stream, bytes);
    connection.sendEnd(stream);
  }
}

/** Writes a file below the session's folder in the target; resolves with its absolute path there. */
export async function placeFile(
  connection: AgentConnection,
  file: { path: string; bytes: Uint8Array; mode: number }
): Promise<string> {
  const sha256 = createHash('sha256').update(file.bytes).digest('hex');
  await putContent(connection, file.bytes, sha256);
  const { path } = await connection.request('place', { sha256, path: file.path, mode: file.mode });
  return path;
}
