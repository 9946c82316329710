import { setImmediate as nextTurn } from 'node:timers/promises';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { ColumnSpec } from '../../protocol/index.js';
import { readWindow } from '../../core/session/read-window.js';
import type { StoreRows } from '../../core/store/store-rows.js';

/** Cells of a Parquet row group at most: so many are in memory, and so long the gateway does nothing else. */
const GROUP_CELLS = 200_000;
const MAX_GROUP_ROWS = 50_000;

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number];

/** `u64` as INT64 with UINT_64, so that readers know it as unsigned; text is UTF-8, with escapes for bytes that are none. */
const elements: Readonly<Record<ColumnSpec['kind'], Omit<SchemaElement, 'name'>>> = {
  u64: { type: 'INT64', converted_type: 'UINT_64', logical_type: { type: 'INTEGER', bitWidth: 64, isSigned: false } },
  i64: { type: 'INT64', converted_type: 'INT_64', logical_type: { type: 'INTEGER', bitWidth: 64, isSigned: true } },
  f64: { type: 'DOUBLE' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' }
};

/** Rows as the bytes of a Parquet file, in pieces of bounded size; other work of the gateway gets its turn between them. */
export async function* exportParquet(rows: StoreRows): AsyncGenerator<Uint8Array> {
  const { columns } = rows;
  const writer = new ByteWriter();
  const schema: SchemaElement[] = [
    { name: 'rows', num_children: columns.length },
    ...columns.map(({ name, kind }) => ({ name, repetition_type: 'REQUIRED' as const, ...elements[kind] }))
  ];
  // Units and C types, which Parquet has no place for.
  const facts = columns.map(({ name, unit, c_type, role }) => ({ name, unit, c_type, role }));
  const kvMetadata = [{ key: 'bpflab.columns', value: JSON.stringify(facts) }];
  const parquet = new ParquetWriter({ writer, schema, kvMetadata, createdBy: 'bpflab' });
  const size = Math.max(1, Math.min(MAX_GROUP_ROWS, Math.floor(GROUP_CELLS / Math.max(1, columns.length))));
  for (let from = 0; from < rows.count; from += size) {
    const { count, buffers } = rows.read(from, size);
    if (count === 0) continue;
    await parquet.write({ columnData: columnData(columns, count, buffers), rowGroupSize: count });
    yield taken(writer);
    await nextTurn();
  }
  await parquet.finish();
  yield taken(writer);
}

/** What the writer holds; it goes on behind it. */
function taken(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice();
  writer.index = 0;
  return bytes;
}

function columnData(
  columns: readonly ColumnSpec[],
  count: number,
  buffers: readonly Uint8Array[]
): Parameters<ParquetWriter['write']>[0]['columnData'] {
  const left = [...buffers];
  return columns.map(({ name, kind }) => {
    const own = left.splice(0, kind === 'text' ? 2 : 1);
    const cells = readWindow({ columns: [{ name, kind }], count }, own);
    return { name, data: cells.map(([cell]) => cell ?? null), nullable: false };
  });
}
