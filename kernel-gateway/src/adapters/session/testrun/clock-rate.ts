import type { AgentConnection } from '../../../core/index.js';
import { readTargetFile } from '../read-target-file.js';

const known = new WeakMap<AgentConnection, Promise<number>>();

/** Clock rate of the target's first CPU in MHz, by /proc/cpuinfo; 0 where it does not say (arm64). Read once. */
export function clockMhz(connection: AgentConnection): Promise<number> {
  const before = known.get(connection);
  if (before !== undefined) return before;
  const reading = readTargetFile(connection, { path: '/proc/cpuinfo', maxBytes: 4096 })
    .then(bytes => Number(/^cpu MHz\s*:\s*([\d.]+)/m.exec(Buffer.from(bytes).toString())?.[1] ?? 0))
    .catch(() => 0);
  known.set(connection, reading);
  return reading;
}
