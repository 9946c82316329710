import { describe, expect, it } from 'vitest';
import type { ColumnSpec } from 'kernel-gateway/protocol';
import { makeFilter } from './make-filter.js';

const column = (kind: ColumnSpec['kind']): ColumnSpec => ({ name: 'x', kind, c_type: '', unit: '', role: 'field' });

describe('makeFilter', () => {
  it('takes decimal and hexadecimal integers, hexadecimal becomes decimal', () => {
    expect(makeFilter(column('u64'), '>', ' 12 ')).toEqual({ column: 'x', op: '>', value: '12' });
    expect(makeFilter(column('u64'), '=', '0xffffffffffffffff')?.value).toBe('18446744073709551615');
    expect(makeFilter(column('i64'), '<', '-3')?.value).toBe('-3');
  });

  it('is no condition while the value is not one', () => {
    expect(makeFilter(column('u64'), '=', '')).toBeNull();
    expect(makeFilter(column('u64'), '=', 'bash')).toBeNull();
    expect(makeFilter(column('f64'), '>', '1.5e')).toBeNull();
    expect(makeFilter(column('f64'), '>', '1.5')?.value).toBe('1.5');
  });

  it('leaves text as it is', () => {
    expect(makeFilter(column('text'), 'contains', '0x10')?.value).toBe('0x10');
  });
});
