/** Template restored → the agent's hello; cold boot of a template; both with QEMU in its sandbox. */
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { connectAgent } from '../../kernel-gateway/lib/adapters/agent/connect-agent.js';
import { cacheRoot } from '../../kernel-gateway/lib/adapters/install/cache-root.js';
import { findAccelerator } from '../../kernel-gateway/lib/adapters/vm/accelerator.js';
import { ensureTemplate } from '../../kernel-gateway/lib/adapters/vm/ensure-template.js';
import { createVmTarget, DEFAULT_MEMORY_MIB } from '../../kernel-gateway/lib/adapters/vm/vm-target.js';
import { limitRow } from './figures.mjs';

const { signal } = new AbortController();

/** @param {import('./bench.mjs').Bench} bench */
export async function benchRestore({ installed, rounds }) {
  const target = createVmTarget({ cacheRoot: cacheRoot(), installed });
  const ms = [];
  // The first one may have to make the template, and reads all files from disk.
  for (let round = -1; round < rounds * 2; round++) {
    const startedAt = performance.now();
    const channel = await target.open({ session: 'bench', kernel: null, signal, progress: () => {} });
    const realtime_ns = (BigInt(Date.now()) * 1_000_000n).toString();
    const entropy = 'ab'.repeat(32);
    const hello = { protocol: 1, session: 'bench', after: '0', lease_s: 10, realtime_ns, entropy };
    const connection = await connectAgent(channel, hello);
    if (round >= 0) ms.push(performance.now() - startedAt);
    await connection.close();
  }
  await target.close();
  return [limitRow('template restored → hello (VM)', ms, 200)];
}

/** @param {import('./bench.mjs').Bench} bench */
export async function benchColdBoot({ installed, folder, rounds }) {
  const kernel = installed.kernels.find(one => one.release === installed.default_kernel);
  if (!kernel) throw new Error('the default kernel is not installed');
  const machine = { tools: installed.tools, lab: installed.lab, kernel, memoryMib: DEFAULT_MEMORY_MIB, cpus: 1 };
  const { accelerator } = await findAccelerator(machine, cacheRoot());
  const ms = [];
  for (let round = 0; round < Math.max(2, rounds / 4); round++) {
    const cache = mkdtempSync(path.join(folder, 'boot-'));
    const spec = { ...machine, accelerator };
    const { bootMs } = await ensureTemplate({ spec, cacheRoot: cache, signal, progress: () => {} });
    ms.push(bootMs);
    rmSync(cache, { recursive: true });
  }
  return [limitRow(`cold boot → agent's port (${accelerator.toUpperCase()})`, ms, 8000)];
}
