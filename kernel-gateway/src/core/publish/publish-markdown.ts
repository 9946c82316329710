import type { PublishedCell, PublishedNotebook, PublishedOutput } from './published-notebook.js';

/** A notebook as Markdown that reads anywhere: code in fences, each output as its text, images left out. */
export function publishMarkdown(notebook: PublishedNotebook): string {
  return `${notebook.cells
    .map(cellText)
    .filter(text => text !== '')
    .join('\n\n')}\n`;
}

function cellText(cell: PublishedCell): string {
  if (cell.type === 'raw') return '';
  if (cell.type === 'markdown') return cell.source.trim();
  const outputs = cell.outputs.map(outputText).filter(text => text.trim() !== '');
  return [fence(cell.source, languageOf(cell.source)), ...outputs.map(text => fence(text, 'text'))].join('\n\n');
}

function languageOf(source: string): string {
  const magic = /^%%([a-z]+)/.exec(source)?.[1] ?? 'bpf';
  return { sh: 'sh', bpftrace: 'bpftrace', kubectl: 'sh', deploy: 'yaml', bcc: 'python', make: 'sh' }[magic] ?? 'c';
}

/** A fence that is longer than every row of backticks in the text (CommonMark 4.5). */
function fence(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const ticks = '`'.repeat(longest + 1);
  return `${ticks}${language}\n${text.replace(/\n+$/, '')}\n${ticks}`;
}

function outputText(output: PublishedOutput): string {
  // eslint-disable-next-line no-control-regex -- a terminal's colors mean nothing in Markdown
  const plain = (text: string): string => text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '');
  if (output.kind === 'stream') return plain(output.text);
  if (output.kind === 'error')
    return plain(output.traceback === '' ? `${output.name}: ${output.value}` : output.traceback);
  const text = output.data['text/plain'];
  return typeof text === 'string' ? plain(text) : '';
}
