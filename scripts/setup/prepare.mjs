/**
 * Run by warm-up.mjs on the product's Node, after the build: makes what the first cell would otherwise wait for.
 * Writes one `Report` per line to stdout.
 */

/**
 * @typedef {{ step: string, kind: 'update' | 'done' | 'cached', text: string }
 *   | { step: string, kind: 'failed', text: string, code: import('../../bpf/image/step-error.mjs').StepError['code'], hint: string, details: string }} Report
 */

import { rmSync } from 'node:fs';

/**
 * The built gateway is no part of what is type-checked here; its sources are.
 *
 * @param {string} module
 */
function gateway(module) {
  return import(new URL(`../../kernel-gateway/lib/${module}`, import.meta.url).href);
}

/** @type {typeof import('../../kernel-gateway/src/adapters/install/installed.js')} */
const { readInstalled } = await gateway('adapters/install/installed.js');
/** @type {typeof import('../../kernel-gateway/src/adapters/install/cache-root.js')} */
const { cacheRoot } = await gateway('adapters/install/cache-root.js');
/** @type {typeof import('../../kernel-gateway/src/adapters/install/own-folder.js')} */
const { makeOwnFolder } = await gateway('adapters/install/own-folder.js');
/** @type {typeof import('../../kernel-gateway/src/adapters/toolchain/create-toolchain.js')} */
const { createToolchain } = await gateway('adapters/toolchain/create-toolchain.js');
/** @type {typeof import('../../kernel-gateway/src/adapters/vm/vm-target.js')} */
const { createVmTarget } = await gateway('adapters/vm/vm-target.js');

/** @param {Report} report */
function say(report) {
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

/**
 * @param {string} step
 * @param {(update: (text: string) => void) => Promise<{ text: string, fromCache: boolean }>} work
 */
async function run(step, work) {
  say({ step, kind: 'update', text: '' });
  try {
    const { text, fromCache } = await work(update => say({ step, kind: 'update', text: update }));
    say({ step, kind: fromCache ? 'cached' : 'done', text });
  } catch (error) {
    const { code = 'BPFLAB_IMAGE_BUILD', hint = '', details = '', message, stack } = /** @type {any} */ (error);
    say({ step, kind: 'failed', text: message, code, hint, details: details || (code ? '' : stack) });
    process.exitCode = 1;
  }
}

/** Restores a machine once: this makes the template when there is none, and proves that it works. */
async function prepareVm(/** @type {(text: string) => void} */ update) {
  let fromCache = true;
  const vm = createVmTarget({ cacheRoot: cacheRoot(), installed: readInstalled() });
  try {
    const channel = await vm.open({
      session: 'set-up',
      kernel: null,
      signal: new AbortController().signal,
      progress: text => {
        fromCache = false;
        update(text);
      }
    });
    await channel.close();
    return { text: vm.describe(), fromCache };
  } finally {
    await vm.close();
  }
}

const program = `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
SEC("tracepoint/syscalls/sys_enter_execve") int on_exec(void *ctx) { return 0; }
char LICENSE[] SEC("license") = "GPL";
`;

/**
 * Compiles a program: this makes vmlinux.h of the default kernel with its index, and proves that sandbox and compiler work.
 * No precompiled header is made: such a program gets just the types that it names, and one that needs all makes it then.
 */
async function prepareCompiler() {
  const toolchain = createToolchain(readInstalled(), cacheRoot());
  const sessionFolder = await makeOwnFolder('preparation');
  try {
    const request = { name: 'set_up', body: program, bodyLine: 1, pristine: true, sessionFolder };
    const outcome = await toolchain.compileBpf(request, new AbortController().signal);
    if (outcome.kind !== 'built') throw new Error(`the compiler refused a program of ours: ${outcome.raw}`);
    const { clang, libbpf } = await toolchain.describe();
    return { text: `clang ${clang}, libbpf ${libbpf}`, fromCache: outcome.build.fromCache };
  } finally {
    await toolchain.close();
    rmSync(sessionFolder, { recursive: true, force: true });
  }
}

const steps = [run('Compiler', prepareCompiler)];
if (process.argv.includes('--vm')) steps.push(run('Virtual machine', prepareVm));
await Promise.all(steps);
