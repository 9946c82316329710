/**
 * Run by warm-up.mjs on the product's Node, after the build: makes what the first cell would otherwise wait for.
 * Writes one `Report` per line to stdout.
 */

/**
 * @typedef {{ step: string, kind: 'update' | 'done' | 'cached', text: string }
 *   | { step: string, kind: 'failed', text: string, code: import('../../bpf/image/step-error.mjs').StepError['code'], hint: string, details: string }} Report
 */

/** @type {{ readInstalled: typeof import('../../kernel-gateway/src/adapters/install/installed.js').readInstalled }} */
const { readInstalled } = await gateway('adapters/install/installed.js');
/** @type {{ cacheRoot: typeof import('../../kernel-gateway/src/adapters/install/cache-root.js').cacheRoot }} */
const { cacheRoot } = await gateway('adapters/install/cache-root.js');
/** @type {{ createVmTarget: typeof import('../../kernel-gateway/src/adapters/vm/vm-target.js').createVmTarget }} */
const { createVmTarget } = await gateway('adapters/vm/vm-target.js');

/** @param {string} module - of the built gateway */
function gateway(module) {
  return import(new URL(`../../kernel-gateway/lib/${module}`, import.meta.url).href);
}

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

if (process.argv.includes('--vm')) await run('Virtual machine', prepareVm);
