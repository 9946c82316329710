/** Columns of per-CPU values: the sum over all possible CPUs under the field's own name, then what each CPU has. */
import type { ColumnSpec } from '../../protocol/index.js';
import type { Column, Row, Words } from '../decode/column.js';
import { columnsOf } from '../decode/columns-of.js';
import { sizeOf } from '../object/type-layout.js';
import type { TypeId, TypeTable } from '../object/type-table.js';
import { cellText } from './row-window.js';

/** More columns than this for single CPUs: each field has one text column with all of them instead. */
const MAX_CPU_COLUMNS = 128;

/** Where the values of a per-CPU map stand: one after the other behind the key, each rounded up to 8 bytes. */
export interface PerCpuPlace {
  offset: number;
  cpus: number;
}

/** Bytes from one CPU's value to the next (bpf_map_value_size() in linux/kernel/bpf/syscall.c). */
export function perCpuStride(valueSize: number): number {
  return Math.ceil(valueSize / 8) * 8;
}

/** Sum modulo 2^64, which is right for signed and unsigned values alike. */
function sumWords(all: Words[]): Words {
  const lowSum = (row: Row): number => all.reduce((sum, words) => sum + words.low(row), 0);
  return {
    low: row => lowSum(row) % 0x100000000,
    high: row =>
      (all.reduce((sum, words) => sum + words.high(row), 0) + Math.floor(lowSum(row) / 0x100000000)) % 0x100000000
  };
}

function sumColumn(columns: Column[]): Column | null {
  const first = columns[0];
  if (!first || first.kind === 'text') return null;
  if (first.kind === 'f64') {
    const values = columns.flatMap(column => (column.kind === 'f64' ? [column.value] : []));
    return { ...first, value: row => values.reduce((sum, value) => sum + value(row), 0) };
  }
  return { ...first, words: sumWords(columns.flatMap(column => ('words' in column ? [column.words] : []))) };
}

/** One field of all CPUs as text, in order of CPU. */
function listColumn(columns: Column[], name: string): Column {
  const first = (columns[0] as Column).spec;
  const spec: ColumnSpec = { ...first, kind: 'text', name, per_cpu: { of: first.name, cpu: -1 } };
  delete spec.choices;
  const text = (row: Row): string => `[${columns.map(column => cellText(column, row)).join(', ')}]`;
  return { kind: 'text', spec, text, source: { kind: 'text' } };
}

const ofCpu = (column: Column, of: string, cpu: number): Column => ({
  ...column,
  spec: { ...column.spec, name: `${of}@${cpu}`, per_cpu: { of, cpu } }
});

/** Per field: `count` (sum, numbers only), then `count@0`, `count@1` …, or `count@cpus` when there are too many. */
export function perCpuColumns(types: TypeTable, type: TypeId, place: PerCpuPlace): Column[] {
  const stride = perCpuStride(sizeOf(types, type));
  const byCpu = Array.from({ length: place.cpus }, (_unused, cpu) =>
    columnsOf(types, type, { role: 'value', offset: place.offset + cpu * stride })
  );
  const fields = byCpu[0] ?? [];
  const isMany = fields.length * place.cpus > MAX_CPU_COLUMNS;
  return fields.flatMap((field, index) => {
    const { name } = field.spec;
    const columns = byCpu.flatMap(all => all[index] ?? []);
    const sum = sumColumn(columns);
    const single = isMany
      ? [listColumn(columns, `${name}@cpus`)]
      : columns.map((column, cpu) => ofCpu(column, name, cpu));
    return sum ? [sum, ...single] : single;
  });
}
