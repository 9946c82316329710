import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareOutput, outputShape } from './compare-output.js';

const table =
  'TIME     EVENT COMM             PID     FILENAME/EXIT CODE\n19:18:32 EXIT  timeout          3817109 [0] (126ms)\n...';

describe('the shape of an output', () => {
  it('is that of another run of the same program', () => {
    const other =
      'TIME     EVENT COMM             PID     FILENAME/EXIT CODE\n08:00:01 EXEC  sh               12 /bin/sh';
    expect(compareOutput(table, other)).toEqual({
      isAlike: true,
      missingColumns: [],
      missingKeys: [],
      missingLines: []
    });
    const lines = 'pid = 9290, filename = test_file';
    expect(compareOutput(lines, 'noise of a build\npid = 1, filename = x').isAlike).toBe(true);
  });

  it('names the columns, keys and lines that are missing', () => {
    expect(compareOutput(table, 'TIME COMM PID FILENAME/EXIT CODE\n').missingColumns).toEqual(['EVENT']);
    expect(compareOutput('pid=1 ret=0', 'pid=5')).toMatchObject({ isAlike: false, missingKeys: ['ret'] });
    expect(compareOutput('12:00:01 5', 'nothing that looks so')).toMatchObject({ missingLines: ['12:00:01 5'] });
  });

  it('is missing when nothing was printed', () => {
    expect(compareOutput('Successfully started!', '').isAlike).toBe(false);
  });

  it('leaves out what a build and a loader print, and marks of what was left out', () => {
    expect(outputShape('  CC       .output/app.o\nlibbpf: loading\n...\n^C\n')).toEqual({
      columns: [],
      keys: [],
      lines: []
    });
  });

  it('takes every output for like itself, and never throws', () => {
    const word = fc.constantFrom(
      'TIME',
      'PID',
      'a',
      '12',
      '10:00:01',
      'x=1',
      'y: 2',
      '@[',
      '***',
      '0xffff00',
      '\t',
      'é',
      '|'
    );
    const text = fc.array(fc.array(word).map(words => words.join(' '))).map(lines => lines.join('\n'));
    fc.assert(
      fc.property(fc.oneof(text, fc.string()), each => {
        expect(compareOutput(each, each).isAlike).toBe(true);
      })
    );
  });
});
