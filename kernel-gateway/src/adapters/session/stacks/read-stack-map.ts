import type { AgentConnection } from '../../../core/index.js';
import { eachEntry, readStackAddresses } from '../../../core/symbols/stack-entries.js';

/**
 * All stacks of a STACK_TRACE map by id: addresses, the innermost first.
 *
 * @throws LabError BPFLAB_TARGET_LOST, or what the agent answers when the map is gone
 */
export async function readStackMap(connection: AgentConnection, mapId: number): Promise<Map<number, bigint[]>> {
  const stacks = new Map<number, bigint[]>();
  const stream = connection.newStream();
  const ended = new Promise<void>(resolve => {
    const data = (payload: Uint8Array): void =>
      eachEntry(payload, bytes => {
        const id = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
        stacks.set(id, readStackAddresses(bytes.subarray(4)));
      });
    connection.onStream(stream, { data, end: resolve });
  });
  await connection.request('map_read', { map_id: mapId, stream });
  await ended;
  return stacks;
}
