/**
 * The proof of typed decoding: 200 random layouts, compiled by the lab image's clang. A native program says what the
 * compiler sees in random bytes; the BPF object alone says what we see in the same bytes. No layout is annotated.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readInstalled } from '../../kernel-gateway/src/adapters/install/installed.js';
import { runSandboxed } from '../../kernel-gateway/src/adapters/toolchain/run-sandboxed.js';
import type { ObjectSpec } from '../../kernel-gateway/src/core/object/object-spec.js';
import { readObject } from '../../kernel-gateway/src/core/object/read-object.js';
import { typeName } from '../../kernel-gateway/src/core/object/type-layout.js';
import { createRecordStore } from '../../kernel-gateway/src/core/store/record-store.js';
import { instrument } from '../../kernel-gateway/src/core/instrument/instrument.js';
import { recordPayload } from '../../kernel-gateway/src/core/store/record-payload.js';
import { requires } from '../requires.js';
import { bpfProgram, nativeProgram } from './layout-programs.js';
import { NativeOutput, type Expected } from './native-output.js';
import { randomLayouts } from './random-layouts.js';

const LAYOUTS = 200;
const BATCH = 50;
const VALUES_PER_LAYOUT = 3;
const SEED = 20261123;
const layouts = randomLayouts(LAYOUTS, SEED);
/** DWARF of both versions, and code as the oldest kernels want it. */
const flagSets = [['-g'], ['-g', '-gdwarf-4'], ['-g', '-mcpu=v2'], ['-g', '-mcpu=v4']];

/** All cells of a store's window as text, by column, from the binary buffers. */
function cellsOf(spec: ObjectSpec, type: number, rows: Uint8Array[]): Map<string, string[]> {
  const store = createRecordStore({ types: spec.types, type, source: 'ring' });
  store.append(recordPayload({ seq: 0, lost: 0n, monoNs: 0n }, rows));
  const { message, buffers } = store.window({
    type: 'window',
    first: 0,
    count: rows.length,
    follow: false,
    filters: [],
    paused: false
  });
  const cells = new Map<string, string[]>();
  for (const { name, kind } of message.columns) {
    const first = buffers.shift()!;
    const view = new DataView(first.buffer, first.byteOffset, first.byteLength);
    const text = kind === 'text' ? Buffer.from(buffers.shift()!) : null;
    const column = rows.map((_unused, index) => {
      if (text) return text.subarray(view.getUint32(index * 4, true), view.getUint32(index * 4 + 4, true)).toString();
      if (kind === 'f64') return String(view.getFloat64(index * 8, true));
      return String(kind === 'u64' ? view.getBigUint64(index * 8, true) : view.getBigInt64(index * 8, true));
    });
    cells.set(name, column);
  }
  return cells;
}

requires('vm')('typed decoding of random layouts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bpflab-layouts-'));
  const objects: ObjectSpec[] = [];
  /** The same, compiled with what bpflab adds to every cell. */
  const instrumented: ObjectSpec[] = [];
  const expected: Expected[] = [];

  async function inSandbox(argv: string[]): Promise<string> {
    const { tools, lab } = readInstalled();
    const mounts = [{ from: folder, to: '/tmp/work', writable: true }];
    const result = await runSandboxed({ tools: tools.root, lab: lab.root }, { mounts, argv });
    expect(result.errors.split('\n').filter(line => line.includes('error:'))).toEqual([]);
    expect(result.status).toBe(0);
    return result.output.toString();
  }

  async function compileObject(source: string, flags: string[]): Promise<ObjectSpec> {
    writeFileSync(join(folder, 'object.bpf.c'), source);
    const target = ['-target', 'bpf', '-O2', ...flags, '-idirafter', '/usr/include/x86_64-linux-gnu'];
    await inSandbox(['clang', '-w', ...target, '-c', '/tmp/work/object.bpf.c', '-o', '/tmp/work/object.o']);
    return readObject(readFileSync(join(folder, 'object.o')));
  }

  function compileInstrumented(body: string, flags: string[]): Promise<ObjectSpec> {
    const request = { file: 'object.bpf.c', body, bodyLine: 1, pristine: false, convenience: true, included: [] };
    const { source, files } = instrument(request);
    for (const { path, text } of files) {
      mkdirSync(join(folder, 'added', dirname(path)), { recursive: true });
      writeFileSync(join(folder, 'added', path), text);
    }
    return compileObject(source, [...flags, '-I', '/tmp/work/added']);
  }

  beforeAll(async () => {
    for (let first = 0; first < LAYOUTS; first += BATCH) {
      const batch = layouts.slice(first, first + BATCH);
      writeFileSync(join(folder, 'native.c'), nativeProgram(batch, first, VALUES_PER_LAYOUT));
      await inSandbox(['clang', '-w', '-O0', '-o', '/tmp/work/native', '/tmp/work/native.c']);
      expected.push(...new NativeOutput(await inSandbox(['/tmp/work/native']), layouts).read());
      const flags = flagSets[first / BATCH] ?? [];
      const body = bpfProgram(batch, first);
      objects.push(await compileObject(body, flags));
      instrumented.push(await compileInstrumented(body, flags));
    }
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['reserved', 'as it is', objects],
    ['sent', 'as it is', objects],
    ['reserved', 'instrumented', instrumented],
    ['sent', 'instrumented', instrumented]
  ])('finds the one type of every ring that is %s to, %s', (way, _how, specs) => {
    const found = layouts.map((_unused, index) => {
      const spec = specs[Math.floor(index / BATCH)]!;
      const map = spec.maps.find(one => one.name === `${way}_${index}`);
      return map?.records.map(record => typeName(spec.types, record.type)).join(' or ');
    });
    expect(found).toEqual(layouts.map((_unused, index) => `struct layout_${index}`));
  });

  it('reads every member of every record as the compiler does', () => {
    expect(expected).toHaveLength(LAYOUTS * VALUES_PER_LAYOUT);
    let compared = 0;
    for (let index = 0; index < LAYOUTS; index++) {
      const spec = objects[Math.floor(index / BATCH)]!;
      const type = spec.maps.find(map => map.name === `reserved_${index}`)?.records[0]?.type ?? 0;
      const values = expected.filter(value => value.layout === index);
      const cells = cellsOf(
        spec,
        type,
        values.map(value => value.bytes)
      );
      const names = [...cells.keys()].filter(name => name !== 'seq' && name !== 'time');
      expect(names, `layout ${index}`).toEqual(values[0]?.columns.map(column => column.name));
      values.forEach(({ columns }, row) => {
        for (const { name, text } of columns) {
          expect(cells.get(name)?.[row], `layout ${index}, ${name}`).toBe(text);
          compared++;
        }
      });
    }

    expect(compared).toBeGreaterThan(LAYOUTS * VALUES_PER_LAYOUT * 5);
  });
});
