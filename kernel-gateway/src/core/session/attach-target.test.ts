import { describe, expect, it } from 'vitest';
import type { ProgramSpec } from '../object/object-spec.js';
import { attachTargets, type LoadedTarget } from './attach-target.js';

const program = (name: string, section: string): ProgramSpec => ({
  name,
  section,
  type: 'ext',
  attachTarget: section.split('/')[1] ?? '',
  optional: section.startsWith('?'),
  insnCount: 2,
  calls: { helpers: [], functions: [] },
  lines: []
});

const gate: LoadedTarget = { run: 'door', name: 'gate', id: 7, functions: new Set(['gate', 'verdict']) };
const older: LoadedTarget = { run: 'before', name: 'gate', id: 3, functions: new Set(['gate']) };
const unknown: LoadedTarget = { run: 'app', name: 'handle', id: 9, functions: null };

const resolve = (programs: ProgramSpec[], ...words: string[]): Record<string, unknown> => {
  const given = words.map(word => {
    const [name = '', target] = word.split('=');
    return target === undefined ? { program: '*', target: name } : { program: name, target };
  });
  return Object.fromEntries(attachTargets({ programs, given, loaded: [gate, older, unknown] }));
};

describe('attachTargets', () => {
  it('takes the function of the section, and without one the program itself', () => {
    expect(resolve([program('a', 'freplace/verdict'), program('b', 'freplace')], 'gate')).toEqual({
      a: { id: 7, func: 'verdict', label: 'verdict of gate' },
      b: { id: 7, func: 'gate', label: 'gate' }
    });
  });

  it('leaves fentry and fexit to the kernel when the target has no such function', () => {
    const programs = [program('a', 'fexit/verdict'), program('b', 'fentry.s/do_unlinkat'), program('c', 'kprobe/gate')];
    expect(Object.keys(resolve(programs, 'gate'))).toEqual(['a']);
  });

  it('takes the newest of a name, the one of the run that is named, and one whose functions are not known', () => {
    const replacing = [program('a', '?freplace')];
    expect(resolve(replacing, 'gate')).toMatchObject({ a: { id: 7 } });
    expect(resolve(replacing, 'before.gate')).toMatchObject({ a: { id: 3 } });
    expect(resolve(replacing, 'a=app.handle')).toMatchObject({ a: { id: 9, func: 'handle' } });
  });

  it('gives each program its own target', () => {
    const programs = [program('a', 'freplace/verdict'), program('b', 'freplace')];
    expect(resolve(programs, 'a=gate', 'b=handle')).toMatchObject({ a: { id: 7 }, b: { id: 9, func: 'handle' } });
  });

  it.each([
    ['a target that is not loaded', [program('a', 'freplace')], ['gat'], /is it "gate"/],
    ['a function that the target lacks', [program('a', 'freplace/verdit')], ['gate'], /is it "verdict"/],
    ['a program that is for the kernel', [program('a', 'tp/x/y')], ['a=gate'], /not for a function of another program/],
    ['a cell that has nothing for it', [program('a', 'fentry/do_unlinkat')], ['gate'], /no program of the cell/],
    ['no target at all', [program('a', 'freplace/verdict')], [], /needs a loaded program/]
  ])('says what is wrong with %s', (_, programs, words, message) => {
    expect(() => resolve(programs, ...words)).toThrow(message);
  });
});
