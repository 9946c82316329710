import { describe, expect, it } from 'vitest';
import { surroundingsOf } from './surroundings-of.js';
import { appliedPrograms } from './tables/applied.table.js';
import { basicsPrograms } from './tables/basics.table.js';
import { bootstrapPrograms } from './tables/bootstrap.table.js';
import { networkPrograms } from './tables/network.table.js';
import { recentPrograms } from './tables/recent.table.js';
import { scriptPrograms } from './tables/scripts.table.js';

const compiled = [...bootstrapPrograms, ...basicsPrograms, ...appliedPrograms, ...networkPrograms, ...recentPrograms];
const all = [...compiled, ...scriptPrograms];
const nameOf = ({ lesson, program }: { lesson: string; program: string }): string => `${lesson}/${program}`;

describe('the tables of lessons', () => {
  it('know each program once, all that are counted, the one-liners, and examples of bpftrace and bcc', () => {
    expect(new Set(all.map(nameOf)).size).toBe(all.length);
    expect(compiled).toHaveLength(76);
    const countOf = (lesson: string): number => scriptPrograms.filter(one => one.lesson === lesson).length;
    expect(countOf('bpftrace-tutorial')).toBe(12);
    expect(countOf('bpftrace') + countOf('bcc')).toBeGreaterThanOrEqual(30);
  });

  it('promise lines that can be looked for, and that an empty line does not keep', () => {
    for (const one of all) {
      expect(new RegExp(one.promises, 'm').test(''), nameOf(one)).toBe(false);
    }
  });

  it('name what a kernel module brings only where its headers are asked for, which build it', () => {
    const withModule = all.filter(({ module }) => module !== undefined);
    expect(withModule.map(nameOf)).toEqual(['43-kfuncs/kfunc', 'struct_ops/struct_ops']);
    for (const { layer, setup, teardown, module } of withModule) {
      expect(layer).toBe('kernel-headers');
      expect(setup).toContain('insmod');
      expect(teardown).toContain('rmmod');
      expect(module?.brings).not.toEqual([]);
    }
  });

  it('take away the control groups and interfaces that they make', () => {
    for (const { setup = '', teardown = '', ...one } of all) {
      if (setup.includes('ip netns add')) expect(teardown, nameOf(one)).toContain('ip netns delete');
      if (setup.includes('ip link add')) expect(teardown, nameOf(one)).toContain('ip link delete');
      if (setup.includes('mkdir -p /sys/fs/cgroup/')) expect(teardown, nameOf(one)).toContain('rmdir /sys/fs/cgroup/');
    }
  });

  it('start what nobody has written down as it is', () => {
    const unknown = surroundingsOf('my-lesson', 'mine');
    expect(unknown).toMatchObject({ lesson: 'my-lesson', program: 'mine', promises: '.' });
    expect(unknown.layer ?? unknown.module ?? unknown.victim).toBeUndefined();
  });
});
