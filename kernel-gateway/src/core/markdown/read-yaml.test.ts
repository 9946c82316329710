import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFrontMatter } from './front-matter.js';
import { readYaml } from './read-yaml.js';

describe('front matter', () => {
  it('reads maps, lists, quoted and plain scalars, flow values and literal blocks', () => {
    const text = [
      'title: Hello, kernel: a start # a comment',
      'minutes: 10',
      'ratio: -1.5',
      'objectives:',
      '  - Load a program',
      '  - "Read: it"',
      'tags: [a, "b, c", 3]',
      'needs:',
      "  kernel: '5.8'",
      '  program_types: [tracepoint, raw_tp]',
      'flow: {a: 1, b: [x, y], c: "d"}',
      'empty:',
      'yes: true',
      'script: |',
      '  one',
      '    two',
      '',
      '  three',
      'last: ~'
    ].join('\n');
    expect(readYaml(text)).toEqual({
      problems: [],
      value: {
        title: 'Hello, kernel: a start',
        minutes: 10,
        ratio: -1.5,
        objectives: ['Load a program', 'Read: it'],
        tags: ['a', 'b, c', 3],
        needs: { kernel: '5.8', program_types: ['tracepoint', 'raw_tp'] },
        flow: { a: 1, b: ['x', 'y'], c: 'd' },
        empty: null,
        yes: true,
        script: 'one\n  two\n\nthree\n',
        last: null
      }
    });
  });

  it('goes on behind what it cannot read, and says where that is', () => {
    const { value, problems } = readYaml('a: 1\n???\nb: [1, 2\nc: 3\n    stray\nd: "x');
    expect(value).toEqual({ a: 1, b: null, c: 3, d: null });
    expect(problems.map(one => /^Line (\d+)/.exec(one)?.[1])).toEqual(['2', '3', '5', '6']);
  });

  it('reads every JSON value back that is written as a flow value', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab "\\\'[]{},:#-|%中\t') });
    const json = fc.letrec(tie => ({
      any: fc.oneof({ maxDepth: 3 }, text, fc.integer(), fc.boolean(), fc.constant(null), fc.array(tie('any')))
    })).any;
    fc.assert(
      fc.property(json, value => {
        const { value: read, problems } = readYaml(`key: ${JSON.stringify(value)}\nnext: 1`);
        expect(problems).toEqual([]);
        expect(read).toEqual({ key: value, next: 1 });
      })
    );
  });

  it('never throws, and keeps the body of any file', () => {
    const piece = fc.constantFrom('---', '\n', 'a: ', '- ', '  ', '[', '"', '}', '|', '#', 'x', ': ', "'", ',', '...');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), parts => {
        const text = parts.join('');
        const { body } = readFrontMatter(text);
        expect(text.endsWith(body)).toBe(true);
        readYaml(text);
      }),
      { numRuns: 500 }
    );
  });
});
