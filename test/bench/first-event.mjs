/** Run request → first decoded event at the client, against the same source by hand on this machine. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ratioRow } from './figures.mjs';
import { inLabImage, runWords, startScript } from './in-lab-image.mjs';
import { openSession } from './lab-session.mjs';

const programs = path.join(import.meta.dirname, 'programs');
/** An exec every 5 ms. */
const TRAFFIC = `perl -e 'for (;;) { system("/bin/true"); select(undef, undef, undef, 0.005) }'`;

/** @type {import('../../kernel-gateway/lib/protocol/index.js').WindowRequest} */
const NEWEST = { type: 'window', first: 0, count: 10, follow: true, filters: [], paused: false };

const BUILD_AND_RUN = [
  'echo started',
  'clang -g -O2 -target bpf -D__TARGET_ARCH_x86 -I. -c exec.bpf.c -o exec.bpf.o',
  'bpftool gen skeleton exec.bpf.o > exec.skel.h',
  'cc -g -O2 -Wall -I. exec.c -o exec -l:libbpf.a -lelf -lz',
  'exec ./exec'
].join(' && ');

/** @param {import('./bench.mjs').Bench} bench */
export async function benchFirstEvent(bench) {
  const folder = path.join(bench.folder, 'first-event');
  mkdirSync(folder);
  cpSync(programs, folder, { recursive: true });
  writeFileSync(path.join(folder, 'traffic.sh'), `exec ${TRAFFIC}\n`);
  writeFileSync(path.join(folder, 'by-hand.sh'), BUILD_AND_RUN);
  const words = inLabImage(bench.installed, folder);
  await runWords([...words, '/bin/bash', '-c', 'bpftool btf dump file /sys/kernel/btf/vmlinux format c > vmlinux.h']);
  const hostTraffic = startScript(words, 'traffic.sh', { terminal: false });
  const vm = await openWithTraffic('vm', path.join(bench.folder, 'session-vm'));
  const host = await openWithTraffic('host', path.join(bench.folder, 'session-host'), false);
  /** @type {{ vm: number[], host: number[], byHand: number[] }} */
  const ms = { vm: [], host: [], byHand: [] };
  try {
    // In turns, so that the machine's load is the same for all; the first round warms all of them.
    for (let round = -1; round < bench.rounds; round++) {
      const measured = {
        vm: await firstEvent(vm, round),
        host: await firstEvent(host, round),
        byHand: await byHand(words)
      };
      if (round >= 0) for (const side of /** @type {const} */ (['vm', 'host', 'byHand'])) ms[side].push(measured[side]);
    }
  } finally {
    await Promise.all([vm.close(), host.close(), hostTraffic.kill()]);
  }
  return [
    ratioRow('run → first event, VM', { ours: ms.vm, byHand: ms.byHand }, 0.7),
    ratioRow('run → first event, host target', { ours: ms.host, byHand: ms.byHand }, 0.4)
  ];
}

/** @typedef {ReturnType<typeof openSession>} Opened */

/**
 * @param {string} target
 * @param {string} folder
 * @param {boolean} withTraffic
 */
export async function openWithTraffic(target, folder, withTraffic = true) {
  const opened = openSession({ target, folder });
  await opened.run('%%sh\ntrue', 'warm');
  if (withTraffic) await opened.run(`%%sh --bg\n${TRAFFIC}`, 'traffic');
  return opened;
}

/**
 * The program was edited each time, so that nothing of it is in a cache.
 *
 * @param {Opened} opened
 * @param {number} round
 * @returns {Promise<number>} milliseconds
 */
export async function firstEvent({ session, run }, round) {
  const source = readFileSync(path.join(programs, 'exec.bpf.c'), 'utf8');
  const text = `%%bpf exec\n${source}\n// edited ${round} at ${Date.now()}\n`;
  const startedAt = performance.now();
  /** @type {import('../../kernel-gateway/lib/core/index.js').ViewSubscription[]} */
  const subscriptions = [];
  const ms = await new Promise((resolve, reject) => {
    /** @param {import('../../kernel-gateway/lib/core/index.js').CellOutput} output */
    const look = output => {
      if (output.kind !== 'display' || subscriptions.length > 0) return;
      const view = /** @type {import('../../kernel-gateway/lib/protocol/index.js').ViewBundle | undefined} */ (
        output.data['application/vnd.bpflab.view+json']
      );
      if (view?.kind !== 'events') return;
      const subscription = session.openView(view.view, NEWEST, message => {
        if (message.count > 0) resolve(performance.now() - startedAt);
      });
      if (subscription !== null) subscriptions.push(subscription);
    };
    run(text, 'probe', look).catch(reject);
  });
  for (const subscription of subscriptions) subscription.close();
  await run('%stop exec', 'stop');
  return ms;
}

/** @param {string[]} words @returns {Promise<number>} milliseconds */
function byHand(words) {
  return new Promise((resolve, reject) => {
    const terminal = startScript(words, 'by-hand.sh', { terminal: true });
    let text = '';
    let startedAt = 0;
    terminal.onText(piece => {
      text += piece;
      // From the shell's first word: the sandbox's own start is none of it.
      if (startedAt === 0 && text.includes('started')) startedAt = performance.now();
      if (/error/i.test(text)) reject(new Error(text));
      if (!/^(EXEC|EXIT)/m.test(text)) return;
      const ms = performance.now() - startedAt;
      terminal.kill().then(() => resolve(ms), reject);
    });
  });
}
