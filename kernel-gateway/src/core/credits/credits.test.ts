import fc from 'fast-check';
import { expect, it } from 'vitest';
import { creditsMarkdown, readCredits } from './credits.js';

const cell = (lesson?: object): object => ({
  cell_type: 'code',
  metadata: lesson ? { bpflab: { lesson } } : {},
  source: ''
});
const source = {
  repository: 'https://example.org/boot',
  commit: 'abcdef0123456789',
  license: 'BSD-3-Clause',
  path: 'c/README.md'
};
const imported = {
  metadata: { bpflab: { source, files: [{ path: 'a.bpf.c', spdx: 'GPL-2.0' }] } },
  cells: [
    cell({ role: 'prose', source_hash: 'h1' }),
    cell({ role: 'file', file: 'a.bpf.c', source_hash: 'h2' }),
    cell({ role: 'command', file: 'a.bpf.c', source_hash: 'h3' }),
    cell()
  ]
};
const file = (name: string, value: object): { file: string; text: string } => ({
  file: name,
  text: JSON.stringify(value)
});

it('names what was imported with its licence, and knows a cell that was pasted elsewhere', () => {
  const mine = { metadata: {}, cells: [cell(), cell({ source_hash: 'h2' }), cell({ file: 'x.c', source_hash: '?' })] };
  const course = { repository: source.repository, commit: null, license: 'MIT', files: { 'c/a.h': 'hash' } };
  const credits = readCredits([
    file('lessons/boot/a.ipynb', imported),
    file('mine.ipynb', mine),
    file('lessons/boot/course.json', course)
  ]);
  expect(credits.map(one => [one.file, one.cells, one.path, one.license])).toEqual([
    ['lessons/boot/a.ipynb', 1, 'c/README.md', 'BSD-3-Clause'],
    ['lessons/boot/a.ipynb', 2, 'c/a.bpf.c', 'GPL-2.0'],
    ['lessons/boot/c/a.h', 0, 'c/a.h', 'MIT'],
    ['mine.ipynb', 1, 'c/a.bpf.c', 'GPL-2.0'],
    ['mine.ipynb', 1, 'x.c', '']
  ]);
  const page = creditsMarkdown(credits);
  expect(page).toContain('## https://example.org/boot');
  expect(page).toContain('| mine.ipynb | 1 | c/a.bpf.c | abcdef012345 | GPL-2.0 |');
  expect(page).toContain('## Source not stated');
});

it('names the page that a notebook was taken from', () => {
  const address = 'http://desk:8888/doc/tree/talk.ipynb';
  const credits = readCredits([
    file('talk-Fork.ipynb', { metadata: { bpflab: { forked_from: { address } } }, cells: [cell(), cell()] })
  ]);
  expect(credits).toEqual([
    { file: 'talk-Fork.ipynb', cells: 2, repository: address, commit: '', path: '', license: '' }
  ]);
});

it('reads any JSON, and text that is none', () => {
  expect(readCredits([{ file: 'x.ipynb', text: '{' }])).toEqual([]);
  expect(creditsMarkdown([])).toContain('Nothing here');
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      for (const name of ['x.ipynb', 'course.json']) {
        expect(Array.isArray(readCredits([file(name, value as object)]))).toBe(true);
      }
    })
  );
});
