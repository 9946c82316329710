import { readFileSync } from 'node:fs';
import { join } from 'node:path';

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
