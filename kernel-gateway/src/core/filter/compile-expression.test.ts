import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnsOf } from '../decode/columns-of.js';
import { rowOf } from '../decode/value-text.js';
import type { TypeTable } from '../object/type-table.js';
import { compileExpression, type CompiledExpression } from './compile-expression.js';

/** struct event { u64 id; s32 ret; u32 pid; char comm[16]; enum { OPEN, CLOSE = 5 } state; bool ok; double load; void *at; } */
const types: TypeTable = {
  types: [
    { kind: 'void' },
    { kind: 'int', name: 'u64', size: 8, encoding: 'unsigned' },
    { kind: 'int', name: 'int', size: 4, encoding: 'signed' },
    { kind: 'int', name: 'u32', size: 4, encoding: 'unsigned' },
    { kind: 'int', name: 'char', size: 1, encoding: 'char' },
    { kind: 'array', element: 4, count: 16 },
    {
      kind: 'enum',
      name: 'state',
      size: 4,
      signed: false,
      values: [
        { name: 'OPEN', value: 0n },
        { name: 'CLOSE', value: 5n }
      ]
    },
    { kind: 'int', name: 'bool', size: 1, encoding: 'bool' },
    { kind: 'float', name: 'double', size: 8 },
    { kind: 'pointer', target: 0 },
    {
      kind: 'struct',
      name: 'event',
      size: 64,
      members: [
        { name: 'id', type: 1, bitOffset: 0, bitSize: 0 },
        { name: 'ret', type: 2, bitOffset: 64, bitSize: 0 },
        { name: 'pid', type: 3, bitOffset: 96, bitSize: 0 },
        { name: 'comm', type: 5, bitOffset: 128, bitSize: 0 },
        { name: 'state', type: 6, bitOffset: 256, bitSize: 0 },
        { name: 'ok', type: 7, bitOffset: 288, bitSize: 0 },
        { name: 'load', type: 8, bitOffset: 320, bitSize: 0 },
        { name: 'at', type: 9, bitOffset: 384, bitSize: 0 }
      ]
    }
  ]
};
const all = columnsOf(types, 10);
const columns = {
  column: (name: string) => all.find(one => one.spec.name === name),
  names: () => all.map(one => one.spec.name)
};

interface Event {
  id: bigint;
  ret: number;
  pid: number;
  comm: string;
  state: number;
  ok: boolean;
  load: number;
}

const event = (change: Partial<Event> = {}): Event => ({
  ...{ id: 2n ** 63n + 1n, ret: -2, pid: 42, comm: 'Bash', state: 5, ok: true, load: 0.5 },
  ...change
});

function holds(text: string, change: Partial<Event> = {}): boolean {
  const { id, ret, pid, comm, state, ok, load } = event(change);
  const bytes = new Uint8Array(64);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, id, true);
  view.setInt32(8, ret, true);
  view.setUint32(12, pid, true);
  bytes.set(Buffer.from(comm).subarray(0, 16), 16);
  view.setUint32(32, state, true);
  view.setUint8(36, ok ? 2 : 0);
  view.setFloat64(40, load, true);
  view.setBigUint64(48, 0xffff_8880_0000_1000n, true);
  const compiled = compileExpression(text, columns);
  if (compiled.kind === 'invalid') throw new Error(`${text}: ${compiled.message}`);
  return compiled.test(rowOf(bytes, 64));
}

describe('filter expressions', () => {
  it.each([
    'pid == 42 && comm ~ "bash" && ret < 0',
    'pid = 42 and not ret >= 0',
    '42 == pid',
    '0 > ret',
    'pid == 0x2a',
    'pid == 0b101010',
    'pid in (1, 42, 3)',
    '!(pid in (1, 2))',
    'id == 9223372036854775809',
    'id > 9223372036854775808',
    'id != 9223372036854775808',
    'id - 1 == 9223372036854775808',
    'id * 4 > 18446744073709551615',
    'ret == -2',
    '-ret == 2',
    'ret + pid == 40',
    'pid % 5 == 2',
    'pid / 5 == 8',
    'pid & 2 == 2',
    'pid > 41.5',
    'load * 4 == 2',
    'load < pid',
    'state == CLOSE',
    'CLOSE == state',
    'state != OPEN',
    'state == "CLOSE"',
    'state in (OPEN, CLOSE)',
    'state == 5',
    'state ~ "clo"',
    'ok',
    'ok == true',
    'ok != false',
    'at == 0xffff888000001000',
    'comm == "Bash"',
    "comm != 'bash'",
    'comm !~ "zsh"',
    'comm',
    '`pid` == 42',
    'pid ~ "4"',
    'comm ~ ""',
    ' ',
    'not (pid / 0 == 1)'
  ])('%s', text => {
    expect(holds(text)).toBe(true);
  });

  it.each(['comm == "bash"', 'pid != 42', 'pid / 0 != 1', 'id == 9223372036854775808', 'pid == 42 && ret > 0', '!ok'])(
    'does not keep %s',
    text => {
      expect(holds(text)).toBe(false);
    }
  );

  it('binds && tighter than ||, and ! tighter than both', () => {
    expect(holds('pid == 42 || pid == 1 && ret > 0')).toBe(true);
    expect(holds('!pid == 1 || ret > 0')).toBe(true);
  });

  it.each([
    ['pid ==', 'missing here', 6, 6],
    ['pdi == 4', 'There is no column "pdi". Did you mean pid?', 0, 3],
    ['pid == 4 4', 'operator such as && is missing', 9, 10],
    ['pid == "42"', '"pid" is a number; write it without quotes.', 7, 11],
    ['comm == 42', '"comm" is text; put it in quotes.', 8, 10],
    ['state == CLOSED', '"state" has no value named "CLOSED". Did you mean CLOSE?', 9, 15],
    ['comm == bash', 'There is no column "bash". Text belongs in quotes.', 8, 12],
    ['comm == "bash', 'is not closed', 8, 13],
    ['(pid == 1', 'not closed with )', 9, 9],
    ['1 < pid < 5', 'Two comparisons', 8, 9],
    ['pid == #', '"#" means nothing here.', 7, 8],
    ['pid == 0x', 'operator such as', 8, 9],
    ['comm + 1 == 2', 'cannot calculate', 0, 4],
    ['"a" == "a"', 'cannot be compared', 0, 3],
    ['comm ~ bash', 'Text behind ~ belongs in quotes: "bash".', 7, 11],
    ['5', 'This alone is no condition', 0, 1],
    ['pid in 5', 'list in brackets', 7, 8],
    ['(pid == 1) == 1', 'cannot be compared', 0, 10],
    [`${'('.repeat(200)}pid`, 'nested too deep', 101, 102]
  ])('says what is wrong with %s', (text, message, from, to) => {
    const compiled = compileExpression(text, columns) as Extract<CompiledExpression, { kind: 'invalid' }>;
    expect(compiled.kind).toBe('invalid');
    expect(compiled.message).toContain(message);
    expect([compiled.from, compiled.to]).toEqual([from, to]);
  });

  it('answers any text with a test or with a place in it', () => {
    const piece = fc.constantFrom(
      ...[
        'pid',
        'comm',
        'state',
        '==',
        '&&',
        '||',
        '!',
        '(',
        ')',
        '~',
        '-',
        '0x',
        '1',
        '"a"',
        "'",
        'in',
        ',',
        ' ',
        '`',
        '.5'
      ]
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.array(piece, { maxLength: 30 }).map(all => all.join(''))
    );
    fc.assert(
      fc.property(text, wanted => {
        const compiled = compileExpression(wanted, columns);
        if (compiled.kind === 'test') return;
        expect(compiled.message).toMatch(/^\S.*[.?]$/su);
        expect(compiled.from).toBeGreaterThanOrEqual(0);
        expect(compiled.from).toBeLessThanOrEqual(compiled.to);
        expect(compiled.to).toBeLessThanOrEqual(wanted.length);
      }),
      { numRuns: 500 }
    );
  });
});

/** An expression's text with what it means, by another way than the compiler's. */
interface Sample<T> {
  text: string;
  of(one: Event): T;
}

const numbers: fc.Arbitrary<Sample<bigint>> = fc.letrec<{ sum: Sample<bigint> }>(tie => ({
  sum: fc.oneof(
    { maxDepth: 3 },
    fc.bigInt({ min: -3n, max: 2n ** 64n }).map(value => ({ text: String(value), of: () => value })),
    fc.constant({ text: 'id', of: (one: Event) => one.id }),
    fc.constant({ text: 'ret', of: (one: Event) => BigInt(one.ret) }),
    fc.constant({ text: 'pid', of: (one: Event) => BigInt(one.pid) }),
    fc.tuple(tie('sum'), fc.constantFrom('+', '-', '*', '&'), tie('sum')).map(([left, op, right]) => ({
      text: `(${left.text} ${op} ${right.text})`,
      of: (one: Event) => {
        const [a, b] = [left.of(one), right.of(one)];
        return op === '+' ? a + b : op === '-' ? a - b : op === '*' ? a * b : a & b;
      }
    }))
  )
})).sum;

const conditions: fc.Arbitrary<Sample<boolean>> = fc.letrec<{ any: Sample<boolean> }>(tie => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.tuple(numbers, fc.constantFrom('==', '!=', '<', '<=', '>', '>='), numbers).map(([left, op, right]) => ({
      text: `${left.text} ${op} ${right.text}`,
      of: (one: Event) => {
        const [a, b] = [left.of(one), right.of(one)];
        if (op === '==' || op === '!=') return (a === b) === (op === '==');
        return op === '<' ? a < b : op === '<=' ? a <= b : op === '>' ? a > b : a >= b;
      }
    })),
    fc.constantFrom('', 'a', 'BA', '"', '中').map(part => ({
      text: `comm ~ ${JSON.stringify(part)}`,
      of: (one: Event) => one.comm.toLowerCase().includes(part.toLowerCase())
    })),
    tie('any').map(inner => ({ text: `!(${inner.text})`, of: (one: Event) => !inner.of(one) })),
    fc.tuple(tie('any'), fc.constantFrom('&&', '||'), tie('any')).map(([left, op, right]) => ({
      text: `(${left.text}) ${op} (${right.text})`,
      of: (one: Event) => (op === '&&' ? left.of(one) && right.of(one) : left.of(one) || right.of(one))
    }))
  )
})).any;

describe('meaning', () => {
  it('is exact for 64-bit numbers, whatever is put together', () => {
    const events = fc.record({
      id: fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constantFrom(0n, 2n ** 63n, 2n ** 64n - 1n)),
      ret: fc.integer(),
      pid: fc.nat(5),
      comm: fc.constantFrom('', 'bash', 'Ba"r', '中文'),
      state: fc.nat(6),
      ok: fc.boolean(),
      load: fc.constant(0)
    });
    fc.assert(
      fc.property(conditions, events, (condition, one) => {
        expect(holds(condition.text, one)).toBe(condition.of(one));
      }),
      { numRuns: 800 }
    );
  });
});
