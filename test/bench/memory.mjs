/** Memory of an idle gateway, and of a virtual machine's session after the third lesson. */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { labNotebook } from '../../kernel-gateway/lib/adapters/jupyter/labs/lab-notebook.js';
import { mbText } from './figures.mjs';
import { openSession } from './lab-session.mjs';
import { pssBytes, qemuPids, rssBytes } from './process-memory.mjs';

const root = path.join(import.meta.dirname, '../..');
const GATEWAY_LIMIT_BYTES = 120e6;
const SESSION_LIMIT_BYTES = 160e6;
const SETTLE_MS = 3000;

/** @param {import('./bench.mjs').Bench} bench */
export async function benchMemory(bench) {
  const gateway = await idleGateway(bench);
  const sessions = await machinesAfterLesson(bench, bench.quick ? 1 : 2);
  /** @type {(what: string, bytes: number, limit: number) => import('./figures.mjs').Row} */
  const row = (what, bytes, limit) => ({
    ...{ what, ours: mbText(bytes), byHand: '', ratio: '', bar: `≤ ${mbText(limit)}`, met: bytes <= limit },
    figures: { bytes }
  });
  return [
    row('gateway RSS, idle', gateway, GATEWAY_LIMIT_BYTES),
    row('PSS per VM session after lab 3, one session', sessions[0] ?? NaN, SESSION_LIMIT_BYTES),
    ...(sessions[1] === undefined
      ? []
      : [row('PSS per VM session after lab 3, two sessions', sessions[1], SESSION_LIMIT_BYTES)])
  ];
}

/** @param {import('./bench.mjs').Bench} bench */
async function idleGateway(bench) {
  const notebooks = path.join(bench.folder, 'notebooks');
  mkdirSync(notebooks);
  const cli = path.join(root, 'kernel-gateway/lib/cli/bpflab.js');
  const args = [cli, 'serve', '--port=0', `--notebook-dir=${notebooks}`];
  const gateway = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise(resolve => gateway.once('exit', resolve));
  try {
    await new Promise((resolve, reject) => {
      let text = '';
      const look = (/** @type {string} */ piece) => {
        text += piece;
        if (/https?:\/\/\S+token=/.test(text)) resolve(undefined);
      };
      gateway.stdout.setEncoding('utf8').on('data', look);
      gateway.stderr.setEncoding('utf8').on('data', look);
      void ended.then(() => reject(new Error(`the gateway ended: ${text}`)));
    });
    // What starts after the address is said counts as well.
    await new Promise(resolve => setTimeout(resolve, SETTLE_MS));
    return rssBytes(gateway.pid ?? -1);
  } finally {
    gateway.kill('SIGTERM');
    await ended;
  }
}

/**
 * PSS of one machine with 1, 2 … of them alive, each having run the lesson.
 *
 * @param {import('./bench.mjs').Bench} bench
 * @param {number} count
 */
async function machinesAfterLesson(bench, count) {
  const lesson = readdirSync(path.join(root, 'labs/start')).find(name => name.startsWith('03-'));
  const markdown = readFileSync(path.join(root, 'labs/start', lesson ?? '', 'lab.md'), 'utf8');
  const { cells } = labNotebook(markdown, { id: `start/${lesson}`, language: 'en' });
  const texts = cells.filter(({ cell_type: type }) => type === 'code').map(({ source }) => String(source));
  const opened = [];
  const perSession = [];
  try {
    for (let n = 0; n < count; n++) {
      const session = openSession({ target: 'vm', folder: path.join(bench.folder, `lesson-${n}`) });
      opened.push(session);
      for (const [at, text] of texts.entries()) await session.session.execute({ text, cellId: `cell-${at}` }, () => {});
      const pids = qemuPids();
      perSession.push(pids.reduce((sum, pid) => sum + pssBytes(pid), 0) / pids.length);
    }
  } finally {
    for (const session of opened) await session.close();
  }
  return perSession;
}
