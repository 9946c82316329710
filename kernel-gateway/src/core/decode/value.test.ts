import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LabError } from '../../protocol/index.js';
import type { TypeTable } from '../object/type-table.js';
import { columnsOf } from './columns-of.js';
import { decodeText } from './decode-text.js';
import { encodeUtf8 } from './encode-utf8.js';
import { parseValue } from './parse-value.js';
import { formatValue, rowOf } from './value-text.js';

const T = { u8: 1, char: 2, s16: 3, u32: 4, s64: 5, u64: 6, bool: 7, u128: 8, double: 9, color: 10, pointer: 11 };
const S = { name: 12, grid: 14, inner: 15, outer: 17, typedef: 18, tail: 20, empty: 21, flexible: 22 };
const types: TypeTable = {
  types: [
    { kind: 'void' },
    { kind: 'int', name: 'unsigned char', size: 1, encoding: 'unsigned' },
    { kind: 'int', name: 'char', size: 1, encoding: 'char' },
    { kind: 'int', name: 'short', size: 2, encoding: 'signed' },
    { kind: 'int', name: 'unsigned int', size: 4, encoding: 'unsigned' },
    { kind: 'int', name: 'long long', size: 8, encoding: 'signed' },
    { kind: 'int', name: 'unsigned long long', size: 8, encoding: 'unsigned' },
    { kind: 'int', name: '_Bool', size: 1, encoding: 'bool' },
    { kind: 'int', name: 'unsigned __int128', size: 16, encoding: 'unsigned' },
    { kind: 'float', name: 'double', size: 8 },
    {
      kind: 'enum',
      name: 'color',
      size: 4,
      signed: true,
      values: [
        { name: 'RED', value: 1n },
        { name: 'BLUE', value: -3n }
      ]
    },
    { kind: 'pointer', target: 0 },
    { kind: 'array', element: 2, count: 8 },
    { kind: 'array', element: 3, count: 2 },
    { kind: 'array', element: 13, count: 2 },
    {
      kind: 'struct',
      name: 'inner',
      size: 8,
      members: [
        { name: 'low', type: 4, bitOffset: 0, bitSize: 5 },
        { name: 'high', type: 5, bitOffset: 5, bitSize: 50 },
        { name: 'flag', type: 7, bitOffset: 56, bitSize: 1 }
      ]
    },
    {
      kind: 'union',
      name: '',
      size: 8,
      members: [
        { name: 'whole', type: 6, bitOffset: 0, bitSize: 0 },
        { name: 'part', type: 3, bitOffset: 0, bitSize: 0 }
      ]
    },
    {
      kind: 'struct',
      name: 'outer',
      size: 32,
      members: [
        { name: 'inner', type: 15, bitOffset: 0, bitSize: 0 },
        { name: '', type: 16, bitOffset: 64, bitSize: 0 },
        { name: 'color', type: 10, bitOffset: 128, bitSize: 0 },
        { name: 'name', type: 12, bitOffset: 192, bitSize: 0 }
      ]
    },
    { kind: 'typedef', name: 'outer_t', target: 17 },
    { kind: 'array', element: 2, count: 0 },
    {
      kind: 'struct',
      name: 'tail',
      size: 4,
      members: [
        { name: 'size', type: 4, bitOffset: 0, bitSize: 0 },
        { name: 'text', type: 19, bitOffset: 32, bitSize: 0 }
      ]
    },
    { kind: 'struct', name: 'empty', size: 0, members: [] },
    {
      kind: 'struct',
      name: 'loop',
      size: 8,
      members: [
        { name: 'again', type: 22, bitOffset: 0, bitSize: 0 },
        { name: 'twice', type: 22, bitOffset: 0, bitSize: 0 }
      ]
    }
  ]
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('parseValue', () => {
  it.each([
    [T.u32, '7', '07000000'],
    [T.u32, '0xff', 'ff000000'],
    [T.u32, '4_294_967_295', 'ffffffff'],
    [T.s16, '-2', 'feff'],
    [T.u64, '18446744073709551615', 'ffffffffffffffff'],
    [T.s64, '-9223372036854775808', '0000000000000080'],
    [T.u128, '0x0102030405060708090a0b0c0d0e0f10', '100f0e0d0c0b0a090807060504030201'],
    [T.bool, 'true', '01'],
    [T.bool, '0', '00'],
    [T.char, "'a'", '61'],
    [T.char, "'\\n'", '0a'],
    [T.color, 'BLUE', 'fdffffff'],
    [T.color, '9', '09000000'],
    [T.double, '-0.5', '000000000000e0bf'],
    [T.pointer, '0xffff888103c4a000', '00a0c4038188ffff'],
    [S.name, 'bash -c', '62617368202d6300'],
    [S.name, '"a\\tb\\"\\xff"', '61096222ff000000'],
    [S.name, '中', 'e4b8ad0000000000'],
    [S.grid, '[[1, -1], [2, 3]]', '0100ffff02000300'],
    [S.grid, '{{1}, {2}}', '0100000002000000'],
    [S.inner, '{.low = 31, .high = -1, .flag = true}', 'ffffffffffff7f01'],
    [
      S.outer,
      '{"whole": 255, "name": "x", "inner": {"low": 1}}',
      `0100000000000000ff00000000000000${'00'.repeat(8)}78${'00'.repeat(7)}`
    ],
    [S.outer, '{ inner.low: 1, color: RED }', `0100000000000000${'00'.repeat(8)}0100000000000000${'00'.repeat(8)}`],
    [S.typedef, '{}', '00'.repeat(32)]
  ])('of type %i reads %s', (type, text, expected) => {
    expect(hex(parseValue(types, type, text))).toBe(expected);
  });

  it.each([
    [T.u32, '-1', 'unsigned int holds 0 to 4294967295 here'],
    [T.u32, '4294967296', 'unsigned int holds 0 to 4294967295 here'],
    [T.s16, '40000', 'short holds -32768 to 32767 here'],
    [T.u32, 'ten', 'unsigned int wants a number'],
    [T.u32, '', 'a value is missing at character 1'],
    [T.u32, '1 2', 'nothing may follow at character 3'],
    [T.color, 'GREEN', 'enum color wants a number or one of RED, BLUE'],
    [T.bool, 'maybe', 'a bool is true or false'],
    [T.double, 'x', 'it is no number'],
    [S.name, 'much too long', 'it has 13 bytes, but the array only 8'],
    [S.grid, '[[1, 2], [3, 4], [5, 6]]', 'it has 3 elements, but the array only 2'],
    [S.grid, '5', 'an array is written as [1, 2, 3]'],
    [S.outer, '{.nobody = 1}', 'there is no member "nobody"'],
    [S.outer, '5', 'struct outer is written as {.member = value}'],
    [S.outer, '{.color = RED', '"}" is missing'],
    [T.u32, '[1]', 'unsigned int is one number'],
    [0, '1', 'void has no value that can be written']
  ])('of type %i refuses %j', (type, text, cause) => {
    expect(() => parseValue(types, type, text)).toThrow(`The value "${text}" cannot be used: ${cause}.`);
  });

  it('names the part that is wrong', () => {
    const cause = 'The value "32" cannot be used: unsigned int holds 0 to 31 here.';
    expect(() => parseValue(types, S.inner, '{.flag = true, .low = 32}')).toThrow(cause);
  });

  it('throws nothing but LabError, whatever the text', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(T), S.name, S.grid, S.outer), fc.string(), (type, text) => {
        try {
          parseValue(types, type, text);
        } catch (error) {
          expect(error).toBeInstanceOf(LabError);
        }
      }),
      { numRuns: 500, seed: 3 }
    );
  });

  it('reads back what formatValue writes', () => {
    const shapes = [T.u8, T.s16, T.u32, T.s64, T.u64, T.u128, T.color, T.pointer, S.grid, S.inner, S.outer, S.name];
    fc.assert(
      fc.property(fc.constantFrom(...shapes), fc.uint8Array({ minLength: 32, maxLength: 32 }), (type, bytes) => {
        const text = formatValue(types, type, bytes);
        expect(formatValue(types, type, parseValue(types, type, text))).toBe(text);
      }),
      { numRuns: 500, seed: 11 }
    );
  });
});

describe('formatValue', () => {
  it('writes nested values as C would', () => {
    const bytes = parseValue(
      types,
      S.outer,
      '{.inner = {.low = 3, .high = -7}, .whole = 258, .color = RED, .name = "a\\"b"}'
    );
    expect(formatValue(types, S.outer, bytes)).toBe(
      '{.inner = {.low = 3, .high = -7, .flag = false}, .whole = 258, .part = 258, .color = RED, .name = "a\\"b"}'
    );
  });

  it('reads values that are too short as if zeros followed', () => {
    expect(formatValue(types, T.u64, new Uint8Array([1]))).toBe('1');
  });

  it('ends for types that contain themselves', () => {
    expect(formatValue(types, S.flexible, new Uint8Array(8)).length).toBeLessThan(5_000_000);
  });
});

describe('columnsOf', () => {
  const cells = (type: number, bytes: Uint8Array): Record<string, string> => {
    const row = rowOf(bytes, 32);
    return Object.fromEntries(
      columnsOf(types, type).map(column => {
        const text =
          column.kind === 'text' ? column.text(row) : column.kind === 'f64' ? column.value(row) : column.words.low(row);
        return [column.spec.name, String(text)];
      })
    );
  };

  it('flattens structs, lends the members of unnamed unions, and looks through typedefs', () => {
    expect(columnsOf(types, S.typedef).map(({ spec }) => `${spec.name}: ${spec.c_type}`)).toEqual([
      'inner.low: unsigned int : 5',
      'inner.high: long long : 50',
      'inner.flag: _Bool : 1',
      'whole: unsigned long long',
      'part: short',
      'color: enum color',
      'name: char[8]'
    ]);
  });

  it('reads an array without a length as far as the record goes', () => {
    const row = rowOf(new Uint8Array([3, 0, 0, 0, 0x61, 0x62, 0x63]), 4);
    const text = columnsOf(types, S.tail).find(column => column.spec.name === 'text');
    expect(text?.kind === 'text' && text.text(row)).toBe('abc');
  });

  it('shows a whole record of unknown type in hex', () => {
    expect(cells(0, new Uint8Array([0xde, 0xad]))).toEqual({ bytes: 'de ad' });
  });

  it('names a single value', () => {
    expect(columnsOf(types, T.u64, { name: 'key', role: 'key' })[0]?.spec).toMatchObject({
      name: 'key',
      role: 'key',
      kind: 'u64'
    });
  });

  it('stays bounded for types that contain themselves', () => {
    expect(columnsOf(types, S.flexible).length).toBeLessThan(2000);
  });
});

describe('decodeText', () => {
  it.each([
    ['68c3a4', 'hä'],
    ['e4b8ad', '中'],
    ['f09f9a80', '🚀'],
    ['61ff62', 'a\\xffb'],
    ['c080', '\\xc0\\x80'],
    ['eda080', '\\xed\\xa0\\x80'],
    ['f4908080', '\\xf4\\x90\\x80\\x80'],
    ['e4b8', '\\xe4\\xb8'],
    ['c285', '\\xc2\\x85'],
    ['090a0d1b007f', '\\t\\n\\r\\e\\x00\\x7f']
  ])('of %s is %s', (bytes, text) => {
    expect(decodeText(Buffer.from(bytes, 'hex'))).toBe(text);
  });
});

describe('encodeUtf8', () => {
  it('is what the platform encodes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0x10ffff)), codes => {
        const text = String.fromCodePoint(...codes);
        expect(hex(encodeUtf8(text))).toBe(hex(new TextEncoder().encode(text)));
      }),
      { numRuns: 300, seed: 2 }
    );
    expect(hex(encodeUtf8('\ud800x'))).toBe(hex(new TextEncoder().encode('\ud800x')));
  });
});
