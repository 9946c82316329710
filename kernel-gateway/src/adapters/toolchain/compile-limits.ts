import { LabError } from '../../protocol/index.js';
import type { ServerReply } from './compile-server.js';

const SIGXCPU = 24;
const SIGXFSZ = 25;
const SIGKILL = 9;

/**
 * Turns the end of a compiler that is not about the text into an error: limits, a full disk.
 *
 * @throws LabError BPFLAB_CC_LIMIT, BPFLAB_DISK_FULL
 */
export function checkLimits(reply: ServerReply, what: string): void {
  const details = reply.output.split('PLEASE submit a bug report')[0]?.slice(-4000) ?? '';
  if (/No space left on device|Disk quota exceeded/.test(reply.output))
    throw new LabError('BPFLAB_DISK_FULL', `The disk of the cache is full: ${what} could not be written.`, { details });
  if (reply.signal === SIGXCPU || (reply.signal === SIGKILL && reply.cpuMs >= 19_000))
    throw new LabError('BPFLAB_CC_LIMIT', `The compiler was stopped after 20 s of CPU time, on ${what}.`, { details });
  if (reply.signal === SIGXFSZ)
    throw new LabError('BPFLAB_CC_LIMIT', `The compiler was stopped: it wrote more than 128 MiB, on ${what}.`, {
      details
    });
  if (
    /out of memory|bad_alloc|Cannot allocate memory|virtual memory exhausted/i.test(reply.output) &&
    reply.status !== 0
  )
    throw new LabError('BPFLAB_CC_LIMIT', `The compiler needs more than 2 GiB of memory for ${what}.`, { details });
}
