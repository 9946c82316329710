/**
 * Notebook files (nbformat 4): read with texts joined, written as Jupyter writes them (sorted keys, one space, texts as
 * lists of lines), so that a notebook that went through here has a small diff.
 * @see https://nbformat.readthedocs.io/en/latest/format_description.html
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { LabError } from '../../../protocol/index.js';

type Json = Record<string, unknown>;

const objectSchema = z.record(z.string(), z.unknown());
const notebookSchema = z.looseObject({
  nbformat: z.literal(4),
  nbformat_minor: z.number(),
  metadata: objectSchema,
  cells: z.array(z.looseObject({ cell_type: z.string(), metadata: objectSchema.default({}) }))
});

/** A notebook in memory: every multi-line text is one string. */
export type Notebook = z.infer<typeof notebookSchema>;

/** An empty notebook for our kernel. */
export function emptyNotebook(): Notebook {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: 'bpflab', display_name: 'eBPF (C)', language: 'c' } },
    cells: []
  };
}

/**
 * Notebook in a file's text. It is never trusted: its HTML is sanitized until a cell runs again.
 *
 * @throws LabError BPFLAB_CONTENTS_FORMAT
 */
export function parseNotebook(text: string, path: string): Notebook {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unreadable(path, (cause as Error).message, cause);
  }
  return mapTexts(checkNotebook(value, path), text => (Array.isArray(text) ? text.join('') : text));
}

/**
 * Hash of everything in a notebook that its user writes, hex SHA-256: two that differ only in their outputs, which the
 * server keeps, or in what a page says of the kernel, are the same. What is no notebook has none.
 */
export function hashOfSources(text: string): string | null {
  try {
    const notebook = parseNotebook(text, '');
    const cells = notebook.cells.map(cell => ({ ...cell, outputs: [], execution_count: null }));
    const metadata = { ...notebook.metadata, kernelspec: null, language_info: null };
    return createHash('sha256')
      .update(JSON.stringify(sortKeys({ ...notebook, metadata, cells })))
      .digest('hex');
  } catch {
    return null;
  }
}

/** Text of a notebook file. Marks of trust are of the browser's session and are not written. */
export function formatNotebook(value: unknown, path: string): string {
  const notebook = mapTexts(checkNotebook(value, path), text => (typeof text === 'string' ? splitLines(text) : text));
  return `${JSON.stringify(sortKeys(notebook), null, 1)}\n`;
}

/**
 * A value as a notebook.
 *
 * @throws LabError BPFLAB_CONTENTS_FORMAT
 */
export function checkNotebook(value: unknown, path: string): Notebook {
  const { data, error } = notebookSchema.safeParse(value);
  if (!error) return data;
  const version = (value as { nbformat?: unknown } | null)?.nbformat;
  if (typeof version === 'number' && version !== 4) {
    throw unreadable(path, `its format is ${version}, and this server reads format 4`, error);
  }
  throw unreadable(path, `it is no notebook at "${error.issues[0]?.path.join('.') ?? ''}"`, error);
}

const unreadable = (path: string, reason: string, cause: unknown): LabError =>
  new LabError('BPFLAB_CONTENTS_FORMAT', `The notebook "${path}" cannot be read — ${reason}.`, { cause });

/** Copies a notebook with `change` applied to each text that may be a list of lines. */
function mapTexts(notebook: Notebook, change: (text: unknown) => unknown): Notebook {
  const cells = notebook.cells.map(cell => {
    const metadata = Object.fromEntries(Object.entries(cell.metadata).filter(([key]) => key !== 'trusted'));
    const copy: Notebook['cells'][number] = { ...cell, metadata };
    if ('source' in copy) copy['source'] = change(copy['source']);
    if (Array.isArray(copy['outputs'])) copy['outputs'] = copy['outputs'].map(output => mapOutput(output, change));
    return copy;
  });
  return { ...notebook, cells };
}

function mapOutput(output: unknown, change: (text: unknown) => unknown): unknown {
  const parsed = objectSchema.safeParse(output);
  if (!parsed.success) return output;
  const copy: Json = { ...parsed.data };
  if ('text' in copy) copy['text'] = change(copy['text']);
  const data = objectSchema.safeParse(copy['data']);
  if (data.success) {
    copy['data'] = Object.fromEntries(
      Object.entries(data.data).map(([type, value]) => [type, isJsonType(type) ? value : change(value)])
    );
  }
  return copy;
}

const isJsonType = (type: string): boolean => type === 'application/json' || type.endsWith('+json');

const splitLines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]));
}
