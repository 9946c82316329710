import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { PublishedCell, PublishedNotebook, PublishedOutput } from '../../core/publish/published-notebook.js';
import { LabError, slideType } from '../../protocol/index.js';
import { parseNotebook, type Notebook } from '../jupyter/contents/notebook-file.js';

type Json = Record<string, unknown>;

/**
 * A notebook file as a page shows it. Pictures attached to its Markdown are put into the text as data URLs.
 *
 * @throws LabError BPFLAB_CONTENTS_FORMAT, BPFLAB_CONTENTS_MISSING
 */
export async function readPublished(path: string): Promise<PublishedNotebook> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new LabError('BPFLAB_CONTENTS_MISSING', `Cannot read ${path} — ${(cause as Error).message}.`, { cause });
  }
  const cells = parseNotebook(text, path).cells.map(published);
  const heading = cells
    .map(cell => (cell.type === 'markdown' ? /^#\s+(.+)$/m.exec(cell.source)?.[1] : null))
    .find(Boolean);
  return { title: heading ?? basename(path, '.ipynb'), cells };
}

function published(cell: Notebook['cells'][number]): PublishedCell {
  const { metadata } = cell;
  const jupyter = metadata['jupyter'] as Json | undefined;
  const type = cell.cell_type === 'code' || cell.cell_type === 'markdown' ? cell.cell_type : 'raw';
  const outputs = type === 'code' && Array.isArray(cell['outputs']) ? (cell['outputs'] as Json[]) : [];
  return {
    type,
    source: withAttachments(textOf(cell['source']), cell['attachments'] as Json | undefined),
    outputs: jupyter?.['outputs_hidden'] === true || metadata['collapsed'] === true ? [] : outputs.map(output),
    slide: slideType(metadata),
    isFolded: jupyter?.['source_hidden'] === true
  };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function withAttachments(source: string, attachments: Json = {}): string {
  return Object.entries(attachments).reduce((text, [name, data]) => {
    const [type, base64] = Object.entries(data as Record<string, string>)[0] ?? [];
    return type === undefined ? text : text.replaceAll(`attachment:${name}`, `data:${type};base64,${base64}`);
  }, source);
}

function output(value: Json): PublishedOutput {
  if (value['output_type'] === 'stream')
    return { kind: 'stream', name: textOf(value['name']), text: textOf(value['text']) };
  if (value['output_type'] === 'error') {
    const traceback = Array.isArray(value['traceback']) ? value['traceback'].join('\n') : textOf(value['traceback']);
    return { kind: 'error', name: textOf(value['ename']), value: textOf(value['evalue']), traceback };
  }
  return { kind: 'bundle', data: (value['data'] ?? {}) as Json };
}
