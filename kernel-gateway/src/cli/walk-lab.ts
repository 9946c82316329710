import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { labCells } from '../adapters/jupyter/labs/lab-notebook.js';
import type { LabSession } from '../adapters/session/lab-session.js';
import type { Lab as LabText, Submission } from '../core/labs/lab.js';
import { cellsWith } from '../core/labs/read-lab.js';
import type { CellOutput } from '../core/index.js';
import type { Lab } from '../lab.js';
import type { LabStepState } from '../protocol/index.js';

/** Data may still be on their way when a cell has ended. */
const SETTLE_MS = 1000;
const SETTLE_STEP_MS = 100;
/** The kernel's work of freeing is waited for so long: a guest without KVM beside other work takes its time. */
const FREED_MS = 5000;

/** What a walk through a lab came to. */
export interface LabWalk {
  /** How each step stood behind its last cell. */
  steps: LabStepState[];
  /** What is in the target afterwards and was not before; empty where it was not looked at. */
  leftovers: string[];
  /** Longest automatic look at the checks of a step. */
  checkMs: number;
  /** Code of each cell that failed. */
  failures: string[];
}

/** What is loaded and set up in a target, one thing a line, by the kernel's own tools. */
const INVENTORY = [
  `bpftool -j prog show | jq -r '.[] | "program \\(.id) \\(.type) \\(.name)"'`,
  `bpftool -j map show | jq -r '.[] | "map \\(.id) \\(.type) \\(.name)"'`,
  `bpftool -j link show | jq -r '.[] | "link \\(.id) \\(.type)"'`,
  `ip -j link show | jq -r '.[] | "interface \\(.ifname)"'`,
  `ip netns list | sed 's/^/namespace /'`,
  `find /sys/fs/bpf -mindepth 1 | sed 's/^/pin /'`
].join('\n');

let sessions = 0;

/** Runs all cells of a lab in a session of its own, with those of `submissions` in place of the lab's, as a notebook does. */
export async function walkLab(
  product: Lab,
  lab: LabText,
  options: { submissions: readonly Submission[]; steps: readonly string[]; wantsLeftovers: boolean }
): Promise<LabWalk> {
  const root = await mkdtemp(join(tmpdir(), 'bpflab-lab-'));
  const path = `labs/${lab.id}.ipynb`;
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), JSON.stringify({ metadata: { bpflab: { lab: lab.id, language: 'en' } } }));
  const id = `lab-${process.pid}-${++sessions}`;
  const session = product.newSession({ id, folder: join(root, 'session'), notebook: () => ({ root, path }) });
  try {
    const before = options.wantsLeftovers ? await inventory(session) : [];
    const walk = await walkCells(session, lab, options);
    if (!options.wantsLeftovers) return walk;
    await session.execute({ text: '%stop', cellId: 'end' }, () => undefined);
    await session.cleanUpLab();
    return { ...walk, leftovers: await leftSince(before, session) };
  } finally {
    await session.close();
    await rm(root, { recursive: true, force: true });
  }
}

async function walkCells(
  session: LabSession,
  lab: LabText,
  { submissions, steps }: { submissions: readonly Submission[]; steps: readonly string[] }
): Promise<LabWalk> {
  const texts = cellsWith(lab, submissions).map(cell => cell.text);
  const cells = labCells(lab.parts, lab.id).filter(({ part }) => part.kind === 'code');
  const walk: LabWalk = { steps: [], leftovers: [], checkMs: 0, failures: [] };
  for (const [index, { cellId, part }] of cells.entries()) {
    const text = texts[index] ?? '';
    if (text.trim() !== '') {
      const outcome = await session.execute({ text, cellId }, () => undefined);
      if (outcome.kind === 'failed') walk.failures.push(`${outcome.code}: ${outcome.message}`);
    }
    const isLast = cells[index + 1]?.part.step !== part.step;
    if (isLast && steps.includes(part.step)) {
      const { step, checkMs } = await settle(session, part.step);
      if (step !== undefined) walk.steps.push(step);
      walk.checkMs = Math.max(walk.checkMs, checkMs);
    }
  }
  return walk;
}

async function settle(session: LabSession, id: string): Promise<{ step: LabStepState | undefined; checkMs: number }> {
  const untilMs = performance.now() + SETTLE_MS;
  const { check_ms: checkMs } = await session.openLab();
  for (;;) {
    await session.askLab({ type: 'check', step: id });
    const step = (await session.openLab()).steps.find(one => one.id === id);
    const isDone = step === undefined || step.passed || performance.now() >= untilMs;
    if (isDone) return { step: structuredClone(step), checkMs };
    await after(SETTLE_STEP_MS);
  }
}

/** What there is beyond `before`. The kernel frees in its own time: a map of tail calls only after the programs in it. */
async function leftSince(before: readonly string[], session: LabSession): Promise<string[]> {
  const untilMs = performance.now() + FREED_MS;
  for (;;) {
    const left = (await inventory(session)).filter(line => !before.includes(line));
    if (left.length === 0 || performance.now() >= untilMs) return left;
    await after(SETTLE_STEP_MS);
  }
}

async function inventory(session: LabSession): Promise<string[]> {
  let text = '';
  const keep = (output: CellOutput): void => {
    if (output.kind === 'stream') text += output.text;
  };
  await session.execute({ text: `%%sh\n${INVENTORY}`, cellId: 'inventory' }, keep);
  return text.split('\n').filter(line => line !== '');
}
