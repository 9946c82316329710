import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { DiagnosisBundle } from '../../kernel-gateway/src/protocol/index.js';
import type { LabFixture } from './lab-fixture.js';

const gallery = join(import.meta.dirname, '../../labs/rejections');

/** An entry of labs/rejections/catalog.json: `line` is the one of wrong.bpf.c that is refused, 0 when none is named. */
export interface Rejection {
  name: string;
  folder: string;
  /** Row of the table of explanations. */
  kind: string;
  /** Rows of kernels that word the reason otherwise. */
  also?: string[];
  line: number;
  /** The verifier takes many seconds for it: tested in `test/full`. */
  slow?: boolean;
}

const entries = JSON.parse(readFileSync(join(gallery, 'catalog.json'), 'utf8')) as Omit<Rejection, 'folder'>[];

/** All rejections of the gallery. */
const all: Rejection[] = entries.map(entry => ({ ...entry, folder: join(gallery, entry.name) }));

/** Those that are refused at once, and those that take long. */
export const rejections = all.filter(({ slow }) => slow !== true);
export const slowRejections = all.filter(({ slow }) => slow === true);

/** The wrong program is refused for its own reason, at its line; the right one loads. */
export async function expectRefusedAndMended(cells: LabFixture, rejection: Rejection): Promise<void> {
  const load = (side: 'wrong' | 'right') => {
    const body = readFileSync(join(rejection.folder, `${side}.bpf.c`), 'utf8');
    const name = rejection.name.replaceAll('-', '_');
    return cells.run(`%%bpf ${name} --no-attach\n${body}`, rejection.name);
  };
  const { outcome } = await load('wrong');
  expect(outcome).toMatchObject({ kind: 'failed', code: 'BPFLAB_VERIFIER_REJECTED' });
  expectExplained(cells.diagnosis(), rejection);
  expect((await load('right')).outcome).toEqual({ kind: 'ok' });
}

function expectExplained(bundle: DiagnosisBundle | undefined, { kind, also = [], line }: Rejection): void {
  if (!bundle?.explanation) throw new Error('There is no explanation.');
  const { explanation, items } = bundle;
  expect([kind, ...also]).toContain(explanation.kind);
  // The magic is the cell's first line.
  expect((items[0]?.line ?? 1) - 1).toBe(line);
  for (const text of [explanation.why, explanation.write]) {
    expect(text.en).not.toMatch(/\{|\?/);
    expect(text.zh).toMatch(/[\u4e00-\u9fff]/);
    expect(text.zh).not.toMatch(/\{|\?/);
  }
}
