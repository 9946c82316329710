import { describe, expect, it } from 'vitest';
import { errorTable } from '../../kernel-gateway/src/protocol/error-table.js';
import { projectFiles, readText } from './repository.js';

const codes = Object.keys(errorTable);
const sources = projectFiles().filter(
  name =>
    /^(kernel-gateway\/src|bpf|scripts|extension\/src)\/.*\.(ts|tsx|mjs|c|h)$/.test(name) &&
    !/\.test\.ts$|error-table\.ts$/.test(name)
);
const raised = new Set(
  sources.flatMap(name =>
    [...readText(name).matchAll(/(?<!env\[)['"`](BPFLAB_[A-Z]+_[A-Z0-9_]+|BPFLAB_INTERNAL)['"`]/g)].map(
      match => match[1]!
    )
  )
);
/** Names of the same form that are settings of the environment, not errors. */
const settings = /^BPFLAB_[A-Z]+_$/;
const rows = new Map(
  readText('docs/errors.md')
    .split('\n')
    .filter(line => line.startsWith('| `BPFLAB_'))
    .map(line => line.split('|').map(cell => cell.trim()))
    .map(cells => [cells[1]!.replaceAll('`', ''), { means: cells[2] ?? '', doNext: cells[3] ?? '' }])
);

describe('the table of errors', () => {
  it('has a row in docs/errors.md for each code, and no other rows', () => {
    expect([...rows.keys()].sort()).toEqual([...codes].sort());
  });

  it.each(codes)('%s: the page says what it means and gives the same next step', code => {
    expect(rows.get(code)?.means).not.toBe('');
    expect(rows.get(code)?.doNext).toBe(errorTable[code as keyof typeof errorTable].hint.replaceAll('|', '\\|'));
  });

  it('holds every code that is raised', () => {
    expect([...raised].filter(code => !codes.includes(code) && !settings.test(code))).toEqual([]);
  });

  it('holds no code that nobody raises', () => {
    expect(codes.filter(code => !raised.has(code))).toEqual([]);
  });
});
