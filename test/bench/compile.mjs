/** Compile of an edited cell (cache miss, header precompiled, sandbox included), against clang without either. */
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { cacheRoot } from '../../kernel-gateway/lib/adapters/install/cache-root.js';
import { createToolchain } from '../../kernel-gateway/lib/adapters/toolchain/create-toolchain.js';
import { ratioRow, medianOf } from './figures.mjs';
import { inLabImage, runWords } from './in-lab-image.mjs';

const programs = path.join(import.meta.dirname, 'programs');
const limits = { small: 80, exec: 180 };
const names = { small: 'compile, small program', exec: 'compile, CO-RE reads of task_struct' };

/** @param {import('./bench.mjs').Bench} bench */
export async function benchCompile(bench) {
  const folder = path.join(bench.folder, 'compile');
  const sessionFolder = path.join(bench.folder, 'compile-session');
  mkdirSync(folder);
  mkdirSync(sessionFolder);
  cpSync(programs, folder, { recursive: true });
  const words = [...inLabImage(bench.installed, folder), '/bin/bash', '-c'];
  await runWords([...words, 'bpftool btf dump file /sys/kernel/btf/vmlinux format c > vmlinux.h']);
  const toolchain = createToolchain(bench.installed, cacheRoot());
  const rows = [];
  try {
    await toolchain.warm(sessionFolder);
    for (const name of /** @type {const} */ (['small', 'exec'])) {
      /** @type {{ ours: number[], byHand: number[] }} */
      const ms = { ours: [], byHand: [] };
      for (let round = -1; round < bench.rounds * 2; round++) {
        const ours = await edited(toolchain, name, { sessionFolder, round });
        const { ms: byHand } = await runWords([
          ...words,
          `clang -g -O2 -target bpf -D__TARGET_ARCH_x86 -I. -c ${name}.bpf.c -o ${name}.bpf.o`
        ]);
        if (round < 0) continue;
        ms.ours.push(ours);
        ms.byHand.push(byHand);
      }
      const row = ratioRow(names[name], ms, null);
      rows.push({ ...row, bar: `≤ ${limits[name]} ms`, met: medianOf(ms.ours) <= limits[name] });
    }
  } finally {
    await toolchain.close();
  }
  return rows;
}

/**
 * @param {import('../../kernel-gateway/lib/core/index.js').Toolchain} toolchain
 * @param {string} name
 * @param {{ sessionFolder: string, round: number }} options
 * @returns {Promise<number>} milliseconds
 */
async function edited(toolchain, name, { sessionFolder, round }) {
  const source = readFileSync(path.join(programs, `${name}.bpf.c`), 'utf8');
  const body = `${source}\n// edited ${round} at ${Date.now()}\n`;
  const request = { name, body, bodyLine: 1, pristine: false, sessionFolder };
  const startedAt = performance.now();
  const outcome = await toolchain.compileBpf(request, new AbortController().signal);
  const ms = performance.now() - startedAt;
  if (outcome.kind !== 'built' || outcome.build.fromCache) throw new Error(`${name} was not compiled`);
  return ms;
}
