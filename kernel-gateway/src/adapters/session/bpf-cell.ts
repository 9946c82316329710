import { closestName } from '../../core/cells/closest-name.js';
import type {
  AgentConnection,
  Build,
  CellOutcome,
  CellSpec,
  CompileFailure,
  ObjectSpec,
  ProgramSpec
} from '../../core/index.js';
import { blastRadius } from '../../core/lessons/blast-radius.js';
import { readObject } from '../../core/object/read-object.js';
import { needsAttachTypes } from '../../core/session/attach-type-lack.js';
import { attachOptionsFor, unknownAttachPrograms } from '../../core/session/attach-options.js';
import type { AttachTarget } from '../../core/session/attach-target.js';
import { obeyTerms } from '../../core/policy/obey-terms.js';
import { compileDiagnosis } from '../../core/session/compile-diagnosis.js';
import { needsConfigProbe, needsTypeProbe, preflight, wantedNames } from '../../core/session/preflight.js';
import { LabError, type AttachOptions, type RunProgram } from '../../protocol/index.js';
import { attachPrograms } from './attach-programs.js';
import { beginRun, failRun } from './begin-run.js';
import { say, showDiagnosis, type CellContext } from './cell-context.js';
import { waitForEnd } from './finish-cell.js';
import { findAttachTargets } from './find-attach-targets.js';
import { eachNode } from './each-node.js';
import type { LiveRun } from './live-run.js';
import { loadObject } from './load-object.js';
import { targetFacts } from './target-facts.js';
import { targetNames, targetTypes } from './target-names.js';
import { openObjectViews } from './open-object-views.js';
import {
  followPods,
  restrictBuild,
  restrictedPrograms,
  targetOfPods,
  type RestrictedBuild
} from './restrict-to-pods.js';

type BpfSpec = Extract<CellSpec, { kind: 'bpf' }>;

/** What the steps of one BPF cell share. */
export interface BpfCell {
  context: CellContext;
  spec: BpfSpec;
  build: Build;
  object: ObjectSpec;
  run: LiveRun;
  /** Programs that are loaded. */
  chosen: ProgramSpec[];
  /** Programs to attach, with the options of each; all others are only loaded, or not even that. */
  attach: Map<string, AttachOptions>;
  /** Loaded programs that programs of this cell are for; those that are not in it are for the kernel. */
  targets: Map<string, AttachTarget>;
  /** Null: the programs see the whole node. */
  restriction: RestrictedBuild | null;
}

/**
 * `%%bpf`: compile → read → load → subscribe → attach → show. The cell is done when the programs are attached, the run
 * lives on. Compiling, the start of the target and the end of the cell's previous run go on side by side.
 */
export async function runBpfCell(context: CellContext, spec: BpfSpec): Promise<CellOutcome> {
  const { core } = context;
  const { options } = spec;
  const named = core.targets.nameFor(options.target);
  const target = options.pods === null ? named : await targetOfPods(context, options.pods, named);
  const beginning = beginRun(context, {
    name: spec.name,
    cell: 'bpf',
    target,
    eventLimit: options.events,
    keepMaps: options.keepMaps
  });
  const [compiled, begun] = await Promise.allSettled([compileBpfCell(context, spec), beginning]);
  if (begun.status === 'rejected') {
    throw begun.reason;
  }
  const run = begun.value;
  try {
    if (compiled.status === 'rejected') {
      throw compiled.reason;
    }
    warnOfWholeMachine(context, spec, target);
    if (compiled.value.kind === 'failed') {
      failRun(context, run.id, new Error('the compiler refused it'));
      return compiled.value;
    }
    await start(prepare({ context, spec, run, build: compiled.value.build }));
  } catch (error) {
    failRun(context, run.id, error);
    throw error;
  }
  const endsAtMs = options.forMs === null ? null : core.now() + options.forMs;
  core.dispatch({ op: 'attach_run', run: run.id, endsAtMs, nowMs: core.now(), hasCard: true });
  const isWaiting = options.wait || options.forMs !== null || options.events !== null;
  return isWaiting ? waitForEnd(context, run.id) : { kind: 'ok' };
}

/** A virtual machine is the session's own; anywhere else others live with what a program does to the whole machine. */
function warnOfWholeMachine(context: CellContext, spec: BpfSpec, target: string): void {
  if (!/^(host|pod)/.test(target)) return;
  for (const { sentence } of blastRadius(spec.body))
    say(context, `This acts on the whole machine of "${target}". ${sentence.en} %target vm is yours alone.`, 'stderr');
}

type Failed = Extract<CellOutcome, { kind: 'failed' }>;

/** Compiles a BPF cell and keeps its build for skeletons. What the compiler says against the text is in the cell's output when this resolves. */
export async function compileBpfCell(
  context: CellContext,
  spec: BpfSpec
): Promise<{ kind: 'built'; build: Build } | Failed> {
  const { options, state } = context.core;
  const { kernelRelease } = state.target;
  const request = {
    name: spec.name,
    body: spec.body,
    bodyLine: spec.bodyLine,
    pristine: spec.options.pristine,
    sessionFolder: options.folder,
    ...(kernelRelease === '' ? {} : { kernel: kernelRelease })
  };
  const outcome = await options.toolchain.compileBpf(request, context.signal);
  if (outcome.kind === 'compile-failed') {
    return showCompileFailure(context, spec, outcome);
  }
  context.core.builds.set(spec.name, outcome.build);
  for (const item of outcome.build.warnings) {
    say(context, `line ${item.line}:${item.column}: ${item.severity}: ${item.message}`, 'stderr');
  }
  return outcome;
}

/** Shows what the compiler says about a cell, and makes it the cell's outcome. */
export function showCompileFailure(
  context: CellContext,
  spec: { body: string; bodyLine: number },
  failure: CompileFailure
): Failed {
  const { bundle, text } = compileDiagnosis(spec.body, spec.bodyLine, failure);
  showDiagnosis(context, bundle, text);
  const { code, message, hint } = bundle;
  return { kind: 'failed', code, message, hint, details: '' };
}

/** Reads the object and settles what is loaded and attached. */
function prepare(cell: { context: CellContext; spec: BpfSpec; run: LiveRun; build: Build }): BpfCell {
  const read = readObject(cell.build.object);
  const { options } = cell.spec;
  const restriction = options.pods === null ? null : restrictBuild(cell.build);
  const build = restriction?.build ?? cell.build;
  const object = restriction === null ? read : { ...read, programs: restrictedPrograms(build) };
  if (object.programs.length === 0 && object.maps.length === 0) {
    throw new LabError('BPFLAB_OBJECT_NO_PROGRAM', `"${cell.spec.name}" has no program and no map.`);
  }
  const chosen = object.programs.filter(program =>
    options.only.length === 0 ? !program.optional : options.only.includes(program.name)
  );
  checkNames(object, cell.spec);
  const unknown = chosen.find(program => program.type === 'unknown');
  if (unknown !== undefined) {
    const message = `libbpf does not know SEC("${unknown.section}") of "${unknown.name}".`;
    throw new LabError('BPFLAB_OBJECT_SECTION_UNKNOWN', message);
  }
  const targets = findAttachTargets(cell.context, cell.run, chosen, options.attachTargets);
  const attached = options.noAttach ? [] : chosen;
  const attach = new Map(attached.map(program => [program.name, attachOptionsFor(program, options.attach)]));
  cell.run.reload = (context, setting) => {
    const set = [...options.set.filter(one => one.name !== setting.name), setting];
    const cellId = context.core.state.runs.get(cell.run.id)?.cellId ?? context.cellId;
    return runBpfCell({ ...context, cellId }, { ...cell.spec, options: { ...options, set } });
  };
  cell.run.build = build;
  cell.run.object = object;
  return { ...cell, build, object, chosen, attach, targets, restriction };
}

function checkNames(object: ObjectSpec, spec: BpfSpec): void {
  const names = object.programs.map(program => program.name);
  const wrong = [
    ...spec.options.only.filter(name => !names.includes(name)),
    ...unknownAttachPrograms(object.programs, [...spec.options.attach, ...spec.options.attachTargets])
  ][0];
  if (wrong !== undefined) {
    const near = closestName(wrong, names);
    const guess = near === null ? `it has ${names.join(', ')}` : `is it "${near}"`;
    throw new LabError('BPFLAB_CELL_OPTION', `"${spec.name}" has no program "${wrong}"; ${guess}.`);
  }
}

async function start(cell: BpfCell): Promise<void> {
  const { core } = cell.context;
  const { run, build } = cell;
  const startMs = core.now();
  await eachNode(run, ({ connection }) => checkKernel(cell, connection));
  await loadObject(cell);
  await run.releasePrevious();
  const loadedMs = core.now();
  if (cell.spec.options.pods !== null && cell.restriction !== null) {
    await followPods(cell, cell.spec.options.pods, cell.restriction.sections);
  }
  // Subscribed before anything is attached: the first event must find its reader.
  await openObjectViews(cell);
  const links = await attachPrograms(cell);
  const attachedMs = core.now();
  const toUs = (ms: number): number => Math.round(ms * 1000);
  const facts = { programs: programCards(cell, links), added: build.added };
  core.dispatch({ op: 'describe_run', run: run.id, facts });
  core.timeRun(run.id, {
    compile: toUs(build.compileMs),
    load: toUs(loadedMs - startMs),
    verify: run.programs.reduce((sum, program) => sum + program.load_us, 0),
    attach: toUs(attachedMs - loadedMs)
  });
}

/** Preflight, with what of the target's kernel it takes for this object. */
async function checkKernel(cell: BpfCell, connection: AgentConnection): Promise<void> {
  const { object, chosen, attach, targets } = cell;
  const wide = blastRadius(cell.spec.body).map(({ sentence }) => sentence.en);
  obeyTerms(connection.hello.policy, { wide, open: openSections(cell), loadsItself: false });
  const programs = chosen.map(program => {
    if (targets.has(program.name)) return { ...program, attachTarget: '' };
    const isOverridden =
      /^k(ret)?(probe|syscall)/.test(program.section) && attach.get(program.name)?.func !== undefined;
    return isOverridden ? { ...program, attachTarget: attach.get(program.name)?.func ?? '' } : program;
  });
  const [facts, names, types] = await Promise.all([
    targetFacts(connection, { types: needsTypeProbe(object), config: needsConfigProbe(programs) }),
    targetNames(connection, wantedNames(object, programs)),
    needsAttachTypes(programs) ? targetTypes(connection) : null
  ]);
  preflight(object, programs, { ...facts, names, types });
}

/** Sections of programs that see the whole node; null: all do. */
function openSections({ restriction }: BpfCell): string[] | null {
  return restriction?.sections.filter(({ verdict }) => verdict === null).map(({ section }) => section) ?? null;
}

function programCards(cell: BpfCell, links: ReadonlyMap<string, string>): RunProgram[] {
  return cell.run.programs.map(program => ({
    name: program.name,
    section: program.section,
    type: program.type,
    id: program.id,
    attached_to: links.get(program.name) ?? '',
    verified_insns: program.verified_insns,
    jited_bytes: program.jited_bytes,
    run_count: '0',
    run_time_ns: '0'
  }));
}
