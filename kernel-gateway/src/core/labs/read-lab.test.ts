import fc from 'fast-check';
import { lexer } from 'marked';
import { describe, expect, it } from 'vitest';
import { markdownBlocks } from '../../adapters/labs/markdown-blocks.js';
import type { Lab } from './lab.js';
import { labTarget } from './lab-target.js';
import { lintLab } from './lint-lab.js';
import { cellsWith, readLab, type LabFiles } from './read-lab.js';
import { readPage } from './read-page.js';

const page = `---
title: Hello
minutes: 10
objectives: [Load a program]
needs: {kernel: "5.8"}
prerequisites: [start/00]
---

# Hello

Text.

<!-- step: load -->
## Load it

\`\`\`{code-cell} c
:name: hello
:tags: [x]

%%bpf hello
int x;
\`\`\`

\`\`\`{hint}
Look at \`SEC\`.
\`\`\`

\`\`\`c
not a cell
\`\`\`

<!-- step: look -->
## Look

\`\`\`{code-cell} text
---
name: look
---
%progs
\`\`\`
`;

const check = (id: string): object => ({ id, title: { en: 'It runs', zh: '在运行' }, program: { type: 'tracepoint' } });
const files = (change: Partial<LabFiles> = {}): LabFiles => ({
  id: 'start/01',
  language: 'en',
  page,
  translation: null,
  data: JSON.stringify({ next: '', steps: { load: { checks: [check('loaded')] }, look: { checks: [check('seen')] } } }),
  solution: 'Because.\n\n```{code-cell} c\n:name: hello\n%%bpf hello\nint right;\n```\n',
  translatedSolution: null,
  wrong: [
    {
      name: 'hook',
      text: '---\nkind: mistake\nfails: [loaded, seen]\n---\n```{code-cell} c\n:name: hello\nint a;\n```'
    },
    { name: 'print', text: '---\nkind: cheat\nfails: [loaded, seen]\n---\n```{code-cell} c\n:name: hello\n%stop\n```' }
  ],
  ...change
});

describe('a lab', () => {
  it('is read from its files', () => {
    const lab = readLab(files(), markdownBlocks);
    expect(lab.problems).toEqual([]);
    expect(lab).toMatchObject({ title: 'Hello', minutes: 10, needs: { kernel: '5.8' }, prerequisites: ['start/00'] });
    expect(lab.parts.map(part => [part.kind, part.step])).toEqual([
      ['markdown', ''],
      ['markdown', 'load'],
      ['code', 'load'],
      ['hint', 'load'],
      ['markdown', 'load'],
      ['markdown', 'look'],
      ['code', 'look']
    ]);
    expect(lab.steps.map(({ id, title, hints }) => [id, title, hints])).toEqual([
      ['load', 'Load it', ['Look at `SEC`.']],
      ['look', 'Look', []]
    ]);
    expect(cellsWith(lab, []).map(cell => [cell.name, cell.text])).toEqual([
      ['hello', '%%bpf hello\nint x;'],
      ['look', '%progs']
    ]);
    expect(cellsWith(lab, [lab.solution!, lab.wrong[1]!]).map(cell => cell.text)).toEqual(['%stop', '%progs']);
    expect(lab.solution?.text).toBe('Because.');
    expect(lintLab(lab, lab)).toEqual([]);
  });

  it('runs on the virtual machine, unless it needs nodes of a cluster', () => {
    const needing = (needs: string): Lab =>
      readLab(files({ page: page.replace('{kernel: "5.8"}', needs) }), markdownBlocks);
    expect(labTarget(needing('{kernel: "5.8"}'))).toBe('vm');
    expect(labTarget(needing('{kernel: "5.8", target: pod}'))).toBe('pod');
    const other = needing('{kernel: "5.8", target: moon}');
    expect(labTarget(other)).toBe(null);
    expect(lintLab(other, other)).toEqual(['The front matter needs a target that is neither vm nor pod.']);
  });

  it('takes texts from the translation and cells from there too, and lint compares them', () => {
    const translation = page
      .replace('title: Hello', 'title: 你好')
      .replace('## Load it', '## 加载')
      .replace('int x', 'int y');
    const lab = readLab(files({ language: 'zh', translation }), markdownBlocks);
    expect([lab.title, lab.language, lab.steps[0]?.title]).toEqual(['你好', 'zh', '加载']);
    expect(lintLab(readLab(files(), markdownBlocks), lab)).toEqual(['lab.zh.md has not the same cells as lab.md.']);
  });

  it('is read as far as possible when it is broken, and lint says what is wrong', () => {
    const data = '{"steps":{"load":{"checks":[{"id":"a"},' + JSON.stringify(check('loaded')) + ']},"gone":{}}}';
    const lab = readLab(files({ data, wrong: [], solution: null }), markdownBlocks);
    expect(lab.steps[0]?.checks.map(one => one.id)).toEqual(['loaded']);
    expect(lintLab(lab, null)).toEqual([
      'The check "a" of the step "load" cannot be read: it needs id, title and one condition.',
      'lab.json has the step "gone", which lab.md does not have.',
      'The step "look" has no check.',
      'There is no solution.md.',
      'No wrong submission of the kind "mistake" is to fail the check "loaded".',
      'No wrong submission of the kind "cheat" is to fail the check "loaded".',
      'There is no lab.zh.md.'
    ]);
    expect(readLab(files({ data: '{', page: '' }), markdownBlocks).problems[0]).toContain('lab.json is no JSON');
  });

  it('loses no cell and no text, whatever a page has', () => {
    const piece = fc.constantFrom(
      'a',
      '\n',
      '\n\n',
      '```{code-cell} c\n',
      '```',
      '<!-- step: b-1 -->\n',
      '- ',
      '> ',
      '~~~ cell\n',
      ':name: n\n',
      '---\n',
      '# ',
      '<b>',
      '```{hint}\n'
    );
    fc.assert(
      fc.property(
        fc.array(piece).map(parts => parts.join('')),
        text => {
          const letters = (value: string): number => value.match(/a/g)?.length ?? 0;
          const { parts, facts } = readPage(text, markdownBlocks);
          const kept = parts.map(part => part.text).join('');
          const tokens = lexer(text).length;
          expect(tokens).toBeGreaterThanOrEqual(0);
          if (!text.startsWith('---') && !text.includes(':name:') && !text.includes('---')) {
            expect(letters(kept)).toBe(letters(text));
          }
          expect(typeof facts.title).toBe('string');
        }
      ),
      { numRuns: 300 }
    );
  });
});
