import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentConnection, ObjectSpec } from '../../core/index.js';
import { needsLack, readLessonNeeds } from '../../core/lesson-runs/lesson-needs.js';
import type { LessonProgram, Verdict } from '../../core/lesson-runs/lesson-program.js';
import { surroundingsOf } from '../../core/lesson-runs/surroundings.js';
import { readObject } from '../../core/object/read-object.js';
import { preflight, wantedNames, type KernelFacts } from '../../core/session/preflight.js';
import { LabError } from '../../protocol/index.js';
import { targetFacts } from '../session/target-facts.js';
import { targetNames } from '../session/target-names.js';
import type { BuiltProgram } from './lesson-builds.js';

/** Says of each program whether a kernel can run it; nothing of them is loaded. */
export async function judgePrograms(connection: AgentConnection, builds: readonly BuiltProgram[]): Promise<Verdict[]> {
  const kernel = connection.hello.kernel_release;
  const facts = await targetFacts(connection, { config: true });
  const objects = builds.map(({ object }) => (object === null ? null : readObject(object.object)));
  // Asked for all at once: the symbol table of a slow guest is read once.
  const wanted = objects.flatMap(object => (object === null ? [] : wantedNames(object, loaded(object))));
  const names = await targetNames(connection, [...new Set(wanted)]);
  const verdicts: Verdict[] = [];
  for (const [index, built] of builds.entries()) {
    const reason = await lackOf(built, objects[index] ?? null, { ...facts, names });
    verdicts.push({ kernel, runs: reason === '', reason });
  }
  return verdicts;
}

const loaded = (object: ObjectSpec): ObjectSpec['programs'] => object.programs.filter(one => !one.optional);

async function lackOf(built: BuiltProgram, object: ObjectSpec | null, facts: KernelFacts): Promise<string> {
  const { program } = built;
  const lacks = surroundingsOf(program.lesson, program.name).lacks;
  if (lacks !== undefined) return `no target has ${lacks}`;
  if (!built.built) return built.reason;
  const lack = needsLack(await needsOf(program), facts);
  if (lack !== null) return `Linux ${facts.release} cannot run it — ${lack}`;
  if (object === null) return '';
  const isChosenLater = await choosesItself(program);
  const fixed = loaded(object).filter(one => !isChosenLater || !KERNEL_FUNCTION.test(one.section));
  return refusal(() => preflight(object, fixed, facts));
}

const KERNEL_FUNCTION = /^(k(ret)?probe|fentry|fexit)\b/;

/** An application that settles only at its start what is loaded, or where it is attached. */
async function choosesItself(program: LessonProgram): Promise<boolean> {
  if (program.form !== 'app') return false;
  const text = await readFile(join(program.folder, `${program.name}.c`), 'utf8').catch(() => '');
  return /bpf_program__(set_autoload|attach_kprobe|set_attach_target)\b/.test(text);
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
