import type { AgentConnection } from '../../core/index.js';

/**
 * Bytes of a file of the target, whole or a part of it.
 *
 * @throws AgentRequestError BPFLAB_FILE_PATH when it cannot be read; BPFLAB_TARGET_LOST
 */
export async function readTargetFile(
  connection: AgentConnection,
  file: { path: string; maxBytes?: number; offset?: bigint }
): Promise<Uint8Array> {
  const stream = connection.newStream();
  const parts: Uint8Array[] = [];
  const ended = new Promise<void>(resolve => {
    connection.onStream(stream, { data: payload => parts.push(payload.slice()), end: resolve });
  });
  await connection.request('read_file', {
    path: file.path,
    stream,
    ...(file.maxBytes === undefined ? {} : { max_bytes: file.maxBytes }),
    ...(file.offset === undefined ? {} : { offset: file.offset.toString() })
  });
  await ended;
  return new Uint8Array(Buffer.concat(parts));
}
