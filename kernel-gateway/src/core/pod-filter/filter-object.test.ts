import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LabError } from '../../protocol/index.js';
import { readElf } from '../object/elf.js';
import { readObject } from '../object/read-object.js';
import { FILTER_MAP, filterObject } from './filter-object.js';
import { filterPrologue } from './filter-prologue.js';
import { Insertions } from './insertions.js';
import { neutralVerdict } from './neutral-verdict.table.js';

const folder = fileURLToPath(new URL('../../../../test/fixtures/objects/', import.meta.url));
/** Nothing in calls.o runs for a task. */
const names = readdirSync(folder).filter(name => name.endsWith('.o') && name !== 'calls.o');
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(folder + name));
const PROLOGUE_INSNS = 12;

/** Instructions and relocations of each program, in words that do not change when it is moved. */
function programsOf(object: Uint8Array): Map<string, { code: string; uses: string[] }> {
  const elf = readElf(object);
  const entries = elf.symbols
    .filter(({ type, section }) => type === 2 && elf.sections[section]?.name !== '.text')
    .map(({ name, section, value, size }) => {
      const data = elf.sections[section]?.data.subarray(value, value + size) ?? new Uint8Array(0);
      const uses = elf
        .relocationsOf(section)
        .filter(({ offset }) => offset >= value && offset < value + size)
        .map(({ offset, symbol }) => `${offset - value} ${elf.symbols[symbol]?.name ?? ''}`)
        .sort();
      return [name, { code: Buffer.from(data).toString('hex'), uses }] as const;
    });
  return new Map(entries);
}

describe('filterObject', () => {
  it.each(names)('puts a prologue before each program of %s that has a task, and moves nothing else', name => {
    const original = read(name);
    const { object, sections } = filterObject(original, 64);
    const [before, after] = [programsOf(original), programsOf(object)];
    expect([...after.keys()]).toEqual([...before.keys()]);
    const filtered = new Set(sections.filter(({ verdict }) => verdict !== null).map(({ section }) => section));
    for (const { name: program, section } of readObject(original).programs) {
      const [old, now] = [before.get(program), after.get(program)];
      if (!filtered.has(section)) {
        expect(now).toEqual(old);
        continue;
      }
      const added = PROLOGUE_INSNS * 8;
      expect(now?.code.slice(added * 2)).toBe(old?.code);
      const moved = old?.uses.map(use => use.replace(/^\d+/, at => String(Number(at) + added))) ?? [];
      expect(now?.uses.toSorted()).toEqual([...moved, `40 ${FILTER_MAP}`].sort());
    }
  });

  it.each(names)('keeps maps, lines of source and types of %s right', name => {
    const original = readObject(read(name));
    const { object, sections } = filterObject(read(name), 64);
    const result = readObject(object);
    const filtered = new Set(sections.filter(({ verdict }) => verdict !== null).map(({ section }) => section));
    const map = result.maps.find(one => one.name === FILTER_MAP);
    expect(map).toMatchObject({ type: 'hash', keySize: 8, valueSize: 1, maxEntries: 64 });
    expect(result.maps.filter(one => one !== map).map(one => [one.name, one.type, one.keySize, one.valueSize])).toEqual(
      original.maps.map(one => [one.name, one.type, one.keySize, one.valueSize])
    );
    for (const [index, program] of original.programs.entries()) {
      const lines = result.programs[index]?.lines ?? [];
      if (!filtered.has(program.section)) expect(lines).toEqual(program.lines);
      else {
        expect(lines[0]).toMatchObject({ insn: 0, file: 'bpflab' });
        expect(lines.slice(1)).toEqual(program.lines.map(line => ({ ...line, insn: line.insn + PROLOGUE_INSNS })));
      }
    }
  });

  it('says which programs have no task', () => {
    const { sections } = filterObject(read('shapes.o'), 64);
    expect(sections.filter(({ verdict }) => verdict === null).map(({ section }) => section)).toContain('xdp');
  });

  it('refuses what is restricted already', () => {
    const { object } = filterObject(read('shapes.o'), 64);
    expect(() => filterObject(object, 64)).toThrow(expect.objectContaining({ code: 'BPFLAB_POD_FILTER' }) as Error);
  });

  it('refuses whatever is no object, and nothing else happens to any bytes', () => {
    const whole = read('shapes.o');
    const changed = fc
      .tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), fc.nat(whole.length))
      .map(([at, value, length]) => {
        const bytes = whole.slice(0, length || whole.length);
        bytes[at] = value;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), changed), bytes => {
        try {
          filterObject(bytes, 64);
        } catch (error) {
          expect(error).toBeInstanceOf(LabError);
        }
      }),
      { numRuns: 2000 }
    );
  });
});

describe('neutralVerdict', () => {
  it.each([
    ['tp/sched/sched_process_exec', 0],
    ['?kprobe/vfs_read', 0],
    ['uprobe/bin/bash:readline', 0],
    ['usdt', 0],
    ['kprobe.session/f', 1],
    ['fmod_ret/security_file_open', 0],
    ['lsm/file_open', 0],
    ['lsm.s/bprm_check_security', 0],
    ['lsm_cgroup/socket_bind', 1],
    ['cgroup/connect4', 1],
    ['cgroup/sendmsg6', 1],
    ['cgroup/dev', 1],
    ['cgroup/setsockopt', 1],
    ['cgroup_skb/egress', null],
    ['cgroup/skb', null],
    ['sockops', null],
    ['xdp', null],
    ['tcx/ingress', null],
    ['sk_msg', null],
    ['iter/task', null]
  ])('of %s is %s', (section, verdict) => {
    expect(neutralVerdict(section)).toBe(verdict);
  });
});

describe('filterPrologue', () => {
  it('returns the verdict unless the map has the group, and leaves the context where it was', () => {
    const { bytes, mapOffset } = filterPrologue(-1);
    const code = Buffer.from(bytes);
    expect(bytes.length).toBe(PROLOGUE_INSNS * 8);
    expect(code[mapOffset]).toBe(0x18);
    expect(code.subarray(72, 80).toString('hex')).toBe('b7000000ffffffff');
    expect(code.subarray(88).toString('hex')).toBe('bf61000000000000');
  });
});

describe('Insertions', () => {
  it('moves every offset behind what was put in before it', () => {
    const distinct = fc.uniqueArray(fc.nat(20), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(distinct, fc.integer({ min: 1, max: 9 }), (places, length) => {
        const starts = places.toSorted((a, b) => a - b);
        const insertions = new Insertions(starts, length);
        const section = Uint8Array.from({ length: 30 }, (_, index) => index + 1);
        const result = insertions.apply(section, new Uint8Array(length));
        for (let at = 0; at < section.length; at++) expect(result[insertions.instructionAt(at)]).toBe(section[at]);
        for (const start of starts) expect(result[insertions.functionAt(start)]).toBe(0);
      })
    );
  });
});
