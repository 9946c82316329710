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
}

const entries = JSON.parse(readFileSync(join(gallery, 'catalog.json'), 'utf8')) as Omit<Rejection, 'folder'>[];

/** All rejections of the gallery. */
export const rejections: Rejection[] = entries.map(entry => ({ ...entry, folder: join(gallery, entry.name) }));
