import type { CodeCell } from '@jupyterlab/cells';

const textOf = (value: unknown): string =>
  Array.isArray(value) ? value.join('') : typeof value === 'string' ? value : '';

/** What a cell's outputs say as text. */
export function outputText(cell: CodeCell): string {
  return cell.model.outputs
    .toJSON()
    .map(output => {
      const data = output['data'] as Record<string, unknown> | undefined;
      return textOf(output['text'] ?? data?.['text/plain'] ?? output['evalue']);
    })
    .filter(text => text !== '')
    .join('\n');
}
