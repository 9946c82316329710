/**
 * KVM or TCG. That /dev/kvm can be opened says little: nested virtualization may be broken, and QEMU then aborts. So a
 * kernel is booted under KVM once until it prints its first line; the answer is kept in the cache for this host.
 */
import { accessSync, constants, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { VmProcess } from './vm-process.js';
import type { Accelerator, VmSpec } from './vm-spec.js';

const PROBE_TIMEOUT_MS = 10_000;

const answerSchema = z.object({
  version: z.literal(1),
  host: z.string(),
  accelerator: z.enum(['kvm', 'tcg']),
  reason: z.string()
});

/** What machines run on, and why, as one clause. */
export interface AcceleratorAnswer {
  accelerator: Accelerator;
  reason: string;
}

/** The kept answer, or a probe's (up to 10 s where /dev/kvm is there but broken). Never throws: TCG always works. */
export async function findAccelerator(
  spec: Omit<VmSpec, 'accelerator'>,
  cacheRoot: string
): Promise<AcceleratorAnswer> {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
  } catch (error) {
    // Not kept: a user who is added to the group kvm need not clear a cache.
    const why =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no /dev/kvm' : '/dev/kvm may not be opened';
    return { accelerator: 'tcg', reason: `${why}, so guest code is translated (TCG)` };
  }
  const host = `${release()} ${cpus()[0]?.model ?? ''} tools ${spec.tools.id}`;
  const kept = readAnswer(cacheRoot, host);
  if (kept !== null) return kept;
  const answer = await probeKvm({ ...spec, accelerator: 'kvm' });
  keepAnswer(cacheRoot, { version: 1, host, ...answer });
  return answer;
}

/** Notes that KVM did not do what the probe promised; later machines use TCG. */
export function rejectKvm(spec: VmSpec, cacheRoot: string, reason: string): void {
  const host = `${release()} ${cpus()[0]?.model ?? ''} tools ${spec.tools.id}`;
  keepAnswer(cacheRoot, { version: 1, host, accelerator: 'tcg', reason });
}

async function probeKvm(spec: VmSpec): Promise<AcceleratorAnswer> {
  const vm = new VmProcess(spec, { kind: 'probe' });
  const limit = new AbortController();
  const printed = vm.console.firstLine().then(() => 'works');
  const failure = await Promise.race([
    printed,
    vm.ended,
    delay(PROBE_TIMEOUT_MS, `no guest kernel came up within ${PROBE_TIMEOUT_MS / 1000} s`, { signal: limit.signal })
  ]);
  limit.abort();
  await vm.kill();
  if (failure === 'works') return { accelerator: 'kvm', reason: 'a guest kernel runs under KVM' };
  const cause = vm.stderr.split('\n')[0] || failure;
  return {
    accelerator: 'tcg',
    reason: `/dev/kvm is there but does not work (${cause}), so guest code is translated (TCG)`
  };
}

const answerFile = (cacheRoot: string): string => path.join(cacheRoot, 'kvm.json');

function readAnswer(cacheRoot: string, host: string): AcceleratorAnswer | null {
  try {
    const kept = answerSchema.parse(JSON.parse(readFileSync(answerFile(cacheRoot), 'utf8')));
    return kept.host === host ? { accelerator: kept.accelerator, reason: kept.reason } : null;
  } catch {
    return null;
  }
}

function keepAnswer(cacheRoot: string, answer: z.infer<typeof answerSchema>): void {
  mkdirSync(cacheRoot, { recursive: true });
  const unfinished = `${answerFile(cacheRoot)}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(answer, null, 2)}\n`);
  renameSync(unfinished, answerFile(cacheRoot));
}
