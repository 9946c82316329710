import { closestName } from '../cells/closest-name.js';
import type { RunOptions } from '../cells/cell-spec.js';
import type { ProgramSpec } from '../object/object-spec.js';
import { LabError } from '../../protocol/index.js';

/** A program that is loaded, which others can be for. `run` is the name of its run. */
export interface LoadedTarget {
  run: string;
  name: string;
  /** The kernel's number of it. */
  id: number;
  /** Functions of its object by name; null: not known, as of a user-space program's. */
  functions: ReadonlySet<string> | null;
}

/** The function of a loaded program that another one replaces or traces. `id` is the program's. */
export interface AttachTarget {
  id: number;
  func: string;
  /** For people: "FUNCTION of PROGRAM". */
  label: string;
}

interface Given {
  programs: readonly ProgramSpec[];
  given: RunOptions['attachTargets'];
  /** Newest first: of those of one name that is meant. */
  loaded: readonly LoadedTarget[];
}

const isReplacement = (program: ProgramSpec): boolean => /^\??freplace\b/.test(program.section);
const isTaker = (program: ProgramSpec): boolean =>
  /^\??(freplace|(fentry|fexit|fsession)(\.s)?)(\/|$)/.test(program.section);

/**
 * What each program of an object is for, by its name; those that are not in it are for the kernel. An option that names no
 * program of the object is for all freplace programs, and for fentry and fexit programs whose function the target has. The
 * function is the section's; without one, it is the target itself.
 *
 * @throws LabError BPFLAB_ATTACH_FAILED when a freplace program has no target, BPFLAB_CELL_OPTION when there is no such
 *   target or function, or nothing that takes one
 */
export function attachTargets({ programs, given, loaded }: Given): Map<string, AttachTarget> {
  const targets = new Map<string, AttachTarget>();
  const found = given.map(({ program, target }) => ({ program, target: findTarget(target, loaded) }));
  const general = found.filter(one => one.program === '*').map(one => one.target);
  for (const program of programs) {
    const own = found.find(one => one.program === program.name)?.target;
    if (own !== undefined && !isTaker(program)) {
      throw optionError(`SEC("${program.section}") of "${program.name}" is not for a function of another program`);
    }
    const meant = isTaker(program) ? (own ?? generalTarget(program, general)) : undefined;
    if (meant !== undefined) targets.set(program.name, checked(program, meant));
    else if (isReplacement(program)) throw missingTarget(program, loaded);
  }
  const ids = new Set([...targets.values()].map(target => target.id));
  const idle = general.find(target => !ids.has(target.id));
  if (idle !== undefined) throw optionError(`no program of the cell is for a function of "${idle.name}"`);
  return targets;
}

function findTarget(wanted: string, loaded: readonly LoadedTarget[]): LoadedTarget {
  const found = loaded.find(one => one.name === wanted || `${one.run}.${one.name}` === wanted);
  if (found !== undefined) return found;
  const names = [...new Set(loaded.map(one => one.name))];
  const near = closestName(wanted, names);
  const others = names.length === 0 ? 'nothing is' : `there are ${names.join(', ')}`;
  throw optionError(`no program "${wanted}" is loaded on the target; ${near === null ? others : `is it "${near}"`}`);
}

const functionOf = (program: ProgramSpec, target: LoadedTarget): string => program.attachTarget || target.name;

function generalTarget(program: ProgramSpec, general: readonly LoadedTarget[]): LoadedTarget | undefined {
  const having = general.find(target => target.functions?.has(functionOf(program, target)) ?? true);
  return having ?? (isReplacement(program) ? general[0] : undefined);
}

function checked(program: ProgramSpec, target: LoadedTarget): AttachTarget {
  const func = functionOf(program, target);
  if (target.functions?.has(func) === false) {
    const near = closestName(func, [...target.functions]);
    const guess = near === null ? '' : `; is it "${near}"`;
    throw optionError(`the object of "${target.name}" has no function "${func}" for "${program.name}"${guess}`);
  }
  return { id: target.id, func, label: func === target.name ? func : `${func} of ${target.name}` };
}

const optionError = (cause: string): LabError =>
  new LabError('BPFLAB_CELL_OPTION', `"--attach-target" cannot be used — ${cause}.`);

function missingTarget(program: ProgramSpec, loaded: readonly LoadedTarget[]): LabError {
  const example = loaded[0]?.name ?? 'PROGRAM';
  return new LabError(
    'BPFLAB_ATTACH_FAILED',
    `Cannot attach "${program.name}" — a program of SEC("${program.section}") needs a loaded program whose function it replaces.`,
    { hint: `Name one of a run of this session with --attach-target, for example --attach-target ${example}.` }
  );
}
