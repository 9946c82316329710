import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { explainMake } from '../../core/cells/make-failure.js';
import type { CellOutcome, CellSpec, MakeBuild } from '../../core/index.js';
import { LabError } from '../../protocol/index.js';
import { ContentsRoot } from '../jupyter/contents/contents-root.js';
import { beginRun, failRun, type RunStart } from './begin-run.js';
import { say, type CellContext } from './cell-context.js';
import type { LiveRun } from './live-run.js';
import { placeFile } from './place-file.js';
import { runBeside, runToEnd } from './process-cell.js';
import { readCellStdin } from './read-cell-stdin.js';
import type { SessionCore } from './session-core.js';
import { shellArgv } from './sh-cell.js';
import { watchInventory } from './watch-inventory.js';

type MakeSpec = Extract<CellSpec, { kind: 'make' }>;

/** Lessons say sudo; on our targets whoever runs them may do all that already. */
const SUDO = 'command -v sudo >/dev/null || sudo() { while [[ "$1" == -* ]]; do shift; done; "$@"; }';

/** `%%make`: builds a folder by its own Makefile and runs the cell's script beside what was made. */
export async function runMakeCell(context: CellContext, spec: MakeSpec): Promise<CellOutcome> {
  const { core, signal } = context;
  const { options } = spec;
  const source = await findSource(core, spec.folder);
  const request = { ...source, goals: spec.goals, sessionFolder: core.options.folder };
  const outcome = await core.options.toolchain.make(request, signal);
  if (outcome.kind === 'make-failed') {
    say(context, outcome.output, 'stderr');
    const { cause, hint } = explainMake(outcome.output);
    const message = `"${source.name}" cannot be built — ${cause}.`;
    return { kind: 'failed', code: 'BPFLAB_MAKE_FAILED', message, hint, details: '' };
  }
  const { build } = outcome;
  for (const object of build.objects) {
    core.builds.set(object.name, object);
  }
  say(context, build.output);
  sayMade(context, build, source.name);
  if (spec.body.trim() === '') {
    await keepForTargets(core, source.name, build);
    return { kind: 'ok' };
  }
  const start: RunStart = {
    ...{ name: source.name, cell: 'user', target: options.target, eventLimit: options.events },
    loadsItself: { open: null }
  };
  const run = await beginRun(context, start);
  try {
    await placeFiles(run, source.name, build);
    core.timeRun(run.id, { compile: Math.round(build.makeMs * 1000), load: 0, attach: 0 });
    watchInventory(core, run);
    const script = `${SUDO}\ncd ${quoted(source.name)} || exit\n${spec.body}`;
    const argv = await shellArgv(run, script);
    const stdin = await readCellStdin(context, spec.stdin);
    const cell = { argv, stdin, title: source.name, what: 'The script', forMs: options.forMs, hasCard: true };
    return spec.background ? await runBeside(context, run, cell) : await runToEnd(context, run, cell);
  } catch (error) {
    failRun(context, run.id, error);
    throw error;
  }
}

/** A folder to build, and its name on the targets. */
interface MakeSource {
  folder: string;
  overlay: string | null;
  name: string;
}

/** The folder beside the notebook with the session's files over it; without a notebook, or with none there, the session's own. */
async function findSource(core: SessionCore, folder: string): Promise<MakeSource> {
  const ofSession = join(core.options.folder, folder);
  const isInSession = (await stat(ofSession).catch(() => null))?.isDirectory() === true;
  const notebook = core.options.notebook();
  if (notebook === null) {
    if (!isInSession) throw noFolder(folder);
    return { folder: ofSession, overlay: null, name: nameOf(folder) };
  }
  const root = await ContentsRoot.at(notebook.root);
  const below = join(dirname(notebook.path), folder);
  const place = await root.existing(below === '.' ? '' : below).catch((error: unknown) => {
    if (isInSession) return null;
    throw error;
  });
  const hasMakefile = (await stat(join(ofSession, 'Makefile')).catch(() => null))?.isFile() === true;
  if (place === null || (folder === '' && hasMakefile)) {
    return { folder: ofSession, overlay: null, name: nameOf(folder) };
  }
  const overlay = isInSession ? ofSession : null;
  return { folder: place.absolute, overlay, name: nameOf(folder || place.name) };
}

const nameOf = (folder: string): string => basename(folder).replaceAll(/[^\w.-]/g, '_') || 'lesson';
const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

function noFolder(folder: string): LabError {
  return new LabError('BPFLAB_CONTENTS_MISSING', `There is no folder "${folder || '.'}" to build.`, {
    hint: 'Write its files with %%file, or run the cell in a notebook beside the folder.'
  });
}

function sayMade(context: CellContext, build: MakeBuild, name: string): void {
  const programs = build.programs.length === 0 ? 'no program' : build.programs.join(', ');
  const objects = build.objects.length === 1 ? '1 BPF object' : `${build.objects.length} BPF objects`;
  say(context, `Made ${programs} and ${objects} in ${(build.makeMs / 1000).toFixed(1)} s; on the target in ${name}/.`);
}

async function placeFiles(run: LiveRun, name: string, build: MakeBuild): Promise<void> {
  for (const file of build.files) {
    await placeFile(run.connection, { ...file, path: `${name}/${file.path}` });
  }
}

/** For scripts of later cells, on this target and others. */
async function keepForTargets(core: SessionCore, name: string, build: MakeBuild): Promise<void> {
  for (const file of build.files) {
    await core.targets.addFile(`${name}/${file.path}`, file);
  }
}
