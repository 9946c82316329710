import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentConnection, ObjectSpec } from '../../core/index.js';
import { isOlderRelease } from '../../core/language/is-older-release.js';
import { needsLack, readLessonNeeds, type LessonNeeds } from '../../core/lesson-runs/lesson-needs.js';
import type { LessonProgram, Verdict } from '../../core/lesson-runs/lesson-program.js';
import { scriptFunctions, scriptLack } from '../../core/lesson-runs/script-lack.js';
import type { LessonLayer } from '../../core/lesson-runs/surroundings.js';
import { surroundingsOf } from '../../core/lesson-runs/surroundings-of.js';
import { readCoreUses, type CoreUse } from '../../core/object/core-relocations.js';
import { readObject } from '../../core/object/read-object.js';
import { coreLack, type KernelTypeNames } from '../../core/session/core-lack.js';
import { kernelTypeLack } from '../../core/session/kernel-type-lack.js';
import { preflight, wantedNames, type KernelFacts } from '../../core/session/preflight.js';
import { preflightCalls } from '../../core/session/preflight-calls.js';
import { LabError } from '../../protocol/index.js';
import { hasLayer } from '../install/has-layer.js';
import { readInstalled } from '../install/installed.js';
import { targetFacts } from '../session/target-facts.js';
import { targetNames, targetTypes } from '../session/target-names.js';
import { cellName, layerLack, type BuiltProgram } from './lesson-builds.js';

/** What is known of a kernel, and the types that it has; null: it does not tell. */
interface Kernel {
  facts: KernelFacts;
  types: KernelTypeNames | null;
  /** Whether what `bpflab image add` brings is there for it. */
  hasLayer: (layer: LessonLayer) => boolean;
}

/** What an object says, and what it reads of the kernel's types. */
interface ReadObject {
  object: ObjectSpec;
  uses: CoreUse[];
}

/** Says of each program whether a kernel can run it; nothing of them is loaded. */
export async function judgePrograms(connection: AgentConnection, builds: readonly BuiltProgram[]): Promise<Verdict[]> {
  const release = connection.hello.kernel_release;
  const facts = await targetFacts(connection, { config: true });
  const objects = builds.map(({ object }) =>
    object === null ? null : { object: readObject(object.object), uses: readCoreUses(object.object) }
  );
  // Asked for all at once: the symbol table of a slow guest is read once.
  const ofObjects = objects.flatMap(one => (one === null ? [] : wantedNames(one.object, loaded(one.object))));
  const wanted = [...ofObjects, ...builds.flatMap(({ program }) => scriptFunctions(cellOf(program)))];
  const names = await targetNames(connection, [...new Set(wanted)]);
  const installed = readInstalled();
  const types = await targetTypes(connection);
  const kernel = {
    hasLayer: (layer: LessonLayer) => hasLayer(installed, layer, release),
    facts: { ...facts, names, types },
    types
  };
  const verdicts: Verdict[] = [];
  for (const [index, built] of builds.entries()) {
    const reason = await lackOf(built, objects[index] ?? null, kernel);
    verdicts.push({ kernel: release, runs: reason === '', reason });
  }
  return verdicts;
}

const cellOf = ({ cells }: LessonProgram): string => cells?.at(-1) ?? '';

const loaded = (object: ObjectSpec): ObjectSpec['programs'] => object.programs.filter(one => !one.optional);

async function lackOf(built: BuiltProgram, read: ReadObject | null, kernel: Kernel): Promise<string> {
  const { program } = built;
  const { module } = surroundingsOf(program.lesson, program.name);
  const before = lackBefore(built, kernel);
  if (before !== '') return before;
  const { types } = kernel;
  const facts = module === undefined ? kernel.facts : withBrought(kernel.facts, module.brings);
  const cannot = `Linux ${facts.release} cannot run`;
  const lack = await statedLack(built, facts);
  if (lack !== null) return `${cannot} it — ${lack}`;
  if (read === null) {
    const without = scriptLack(cellOf(program), facts);
    return without === null ? '' : `${cannot} it — ${without}`;
  }
  const settles = await settlesAtStart(program);
  const fixed = loaded(read.object).filter(one => settles.programs?.test(one.section) !== true);
  const refused = refusal(() => {
    preflight(withCertainCalls(read.object, fixed), fixed, facts);
    preflightCalls(fixed, facts);
  });
  if (refused !== '' || types === null) return refused;
  const sections = new Set(['.text', ...fixed.map(one => one.section)]);
  const uses = settles.types ? [] : read.uses.filter(use => sections.has(use.section));
  const missing = kernelTypeLack(read.object, fixed, types) ?? coreLack(uses, types);
  return missing === null ? '' : `${cannot} it — ${missing}`;
}

/** What the lesson says of itself, or is known of it, that this kernel does not meet; a clause. */
async function statedLack(built: BuiltProgram, facts: KernelFacts): Promise<string | null> {
  const { lesson, name } = built.program;
  const { refused } = surroundingsOf(lesson, name);
  if (refused !== undefined && !isOlderRelease(facts.release, refused.since.join('.'))) return refused.because;
  const needs = await needsOf(built.program);
  return needsLack({ ...needs, kernelMin: kernelMinOf(built, needs) }, facts);
}

/** The first kernel that a lesson names is what its author knows; of a program whose own object is there, the kernel is asked instead. */
function kernelMinOf({ program, object }: BuiltProgram, { kernelMin }: LessonNeeds): LessonNeeds['kernelMin'] {
  const { module } = surroundingsOf(program.lesson, program.name);
  if (module !== undefined) return module.since;
  return object?.name === cellName(program) ? null : kernelMin;
}

/** Weak functions are wanted where they are certain to be called: an application may close the way to them before the load. */
function withCertainCalls(object: ObjectSpec, programs: ObjectSpec['programs']): ObjectSpec {
  const certain = new Set(programs.flatMap(({ calls }) => calls.functions));
  const externs = object.externs.map(one => ({ ...one, asked: one.asked || (one.weak && !certain.has(one.name)) }));
  return { ...object, externs };
}

/** What is missing whatever the kernel is like. */
function lackBefore({ program, built, reason }: BuiltProgram, { hasLayer }: Kernel): string {
  const { lacks, layer } = surroundingsOf(program.lesson, program.name);
  if (lacks !== undefined) return `no target has ${lacks}`;
  if (!built) return reason;
  return layer === undefined || hasLayer(layer) ? '' : layerLack(layer);
}

/** The kernel as it is when the lesson's module is in it. */
function withBrought(facts: KernelFacts, brings: readonly string[]): KernelFacts {
  const { names } = facts;
  if (names === null) return facts;
  return { ...facts, names: { ...names, has: (kind, name) => brings.includes(name) || names.has(kind, name) } };
}

/** Programs for functions of the kernel, and those for its events as well. */
const FUNCTIONS = /^(k(ret)?probe|fentry|fexit)\b/;
const FUNCTIONS_AND_EVENTS = /^(k(ret)?probe|fentry|fexit|tp|tracepoint|raw_tp|raw_tracepoint|tp_btf)\b/;

/** What an application settles only at its start: sections that it may leave out, or attach elsewhere; whose types it reads. */
async function settlesAtStart(program: LessonProgram): Promise<{ programs: RegExp | null; types: boolean }> {
  const name = join(program.folder, `${program.name}.c`);
  const text = program.form === 'app' ? await readFile(name, 'utf8').catch(() => '') : '';
  const chooses = /bpf_program__(attach_kprobe|set_attach_target)\b/.test(text) ? FUNCTIONS : null;
  return {
    programs: /bpf_program__set_autoload\b/.test(text) ? FUNCTIONS_AND_EVENTS : chooses,
    types: /btf_custom_path/.test(text)
  };
}

function refusal(check: () => void): string {
  try {
    check();
    return '';
  } catch (error) {
    if (error instanceof LabError) return error.message.replace(/\.$/, '');
    throw error;
  }
}

const needsOf = async (program: LessonProgram): Promise<ReturnType<typeof readLessonNeeds>> =>
  readLessonNeeds(await readFile(join(program.folder, '.config'), 'utf8').catch(() => ''));
