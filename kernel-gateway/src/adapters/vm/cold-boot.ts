/**
 * Boots a machine once and keeps it as a template: its memory in a file, the state of its devices in another.
 *
 * The machine is saved when the agent waits on its port, before anybody has said hello on it, and when the guest has
 * come to rest: what the guest does after that is done again in every machine that is made from the template.
 */
import { open, readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LabError } from '../../protocol/index.js';
import { AGENT_PORT_ID, STATE_ADDRESS } from './qemu-command.js';
import { startCanceled } from './start-canceled.js';
import { VmProcess } from './vm-process.js';
import type { VmSpec } from './vm-spec.js';

const BOOT_TIMEOUT_MS = 120_000;
const REST_WINDOW_MS = 600;
/** Share of one CPU below which a guest is at rest; its idle tick takes 1 to 4 % under TCG. */
const REST_CPU_SHARE = 0.06;
const REST_TIMEOUT_MS = 20_000;
const CLOCK_TICKS_PER_S = 100;

/** How long the parts of making a template took. */
export interface ColdBoot {
  /** From QEMU's start until the agent opened its port. */
  bootMs: number;
  /** From there until the guest was at rest. */
  restMs: number;
}

/**
 * Fills `folder` with `memory` and `state`; both are on disk when it resolves.
 *
 * @throws LabError `BPFLAB_TARGET_START` with QEMU's words and the guest's console in the details
 */
export async function coldBoot(spec: VmSpec, folder: string, signal: AbortSignal): Promise<ColdBoot> {
  const memory = path.join(folder, 'memory');
  await writeFile(memory, '');
  await truncate(memory, spec.memoryMib * 1024 * 1024);
  const startedAt = performance.now();
  const vm = new VmProcess(spec, { kind: 'boot', folder });
  const abort = (): void => void vm.kill();
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    await agentPortOpened(vm);
    const bootMs = Math.round(performance.now() - startedAt);
    await comeToRest(vm);
    const restMs = Math.round(performance.now() - startedAt) - bootMs;
    await save(vm);
    await vm.qmp.execute('quit').catch(() => undefined);
    vm.agent.resume();
    await vm.ended;
    await Promise.all(['memory', 'state'].map(name => flush(path.join(folder, name))));
    return { bootMs, restMs };
  } catch (error) {
    await vm.kill();
    if (signal.aborted) throw startCanceled();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Resolves when a program of the guest has opened the agent's port; rejects with what went wrong instead. */
async function agentPortOpened(vm: VmProcess): Promise<void> {
  const opened = vm.qmp.next(
    ({ event, data }) => event === 'VSERPORT_CHANGE' && data['id'] === AGENT_PORT_ID && data['open'] === true
  );
  opened.catch(() => undefined);
  const limit = new AbortController();
  try {
    const problem = await Promise.race([
      opened.then(() => null),
      vm.ended,
      delay(BOOT_TIMEOUT_MS, `it did not come up within ${BOOT_TIMEOUT_MS / 1000} s`, { signal: limit.signal })
    ]);
    if (problem !== null) throw bootError(vm, problem);
  } catch (error) {
    if (error instanceof LabError && error.code === 'BPFLAB_TARGET_LOST') throw bootError(vm, await vm.ended);
    throw error;
  } finally {
    limit.abort();
  }
}

function bootError(vm: VmProcess, problem: string): LabError {
  const details = [vm.stderr, ...vm.console.lines()].join('\n');
  return new LabError('BPFLAB_TARGET_START', `Cannot boot the virtual machine — ${problem}.`, { details });
}

/** What runs after the agent opened its port (warming of caches) is over when QEMU uses little CPU for a moment. */
async function comeToRest(vm: VmProcess): Promise<void> {
  const { qemuPid } = vm;
  const until = performance.now() + REST_TIMEOUT_MS;
  let before = await cpuTimeMs(qemuPid);
  let since = performance.now();
  while (performance.now() < until) {
    await delay(REST_WINDOW_MS);
    const now = await cpuTimeMs(qemuPid);
    const share = (now - before) / (performance.now() - since);
    if (share < REST_CPU_SHARE) return;
    before = now;
    since = performance.now();
  }
}

async function cpuTimeMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / CLOCK_TICKS_PER_S;
}

async function save(vm: VmProcess): Promise<void> {
  await vm.qmp.execute('migrate-set-capabilities', {
    capabilities: ['x-ignore-shared', 'events'].map(capability => ({ capability, state: true }))
  });
  const ended = vm.qmp.next(
    ({ event, data }) => event === 'MIGRATION' && (data['status'] === 'completed' || data['status'] === 'failed')
  );
  ended.catch(() => undefined);
  await vm.qmp.execute('migrate', { uri: STATE_ADDRESS });
  const { data } = await ended;
  if (data['status'] !== 'completed') throw bootError(vm, 'QEMU cannot save its state');
}

async function flush(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
