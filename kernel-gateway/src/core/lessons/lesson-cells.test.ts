import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCell } from '../cells/parse-cell.js';
import { lessonCells } from './lesson-cells.js';
import type { LessonCell, LessonSource, ReadmePiece, SourceFile } from './lesson-source.js';

const program = `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "show.h"
char LICENSE[] SEC("license") = "GPL";
SEC("tc")
int show(struct __sk_buff *skb) { return SHOW; }
`;
const files: SourceFile[] = [
  { path: 'show.bpf.c', text: program },
  { path: 'show.h', text: '#define SHOW 0\n' }
];

function lessonOf(pieces: ReadmePiece[], its: SourceFile[] = files): LessonSource {
  const place = { id: 'src/show', folder: 'src/show', readme: 'src/show/README.md' };
  return { ...place, title: 'Show', language: 'en', pieces, files: its, only: null };
}

const fence = (info: string, text: string): ReadmePiece => ({
  ...{ kind: 'fence', info, text },
  raw: `\`\`\`${info}\n${text}\n\`\`\`\n`
});
const prose = (raw: string): ReadmePiece => ({ kind: 'text', raw, isHeading: raw.startsWith('#') });
const code = (cells: LessonCell[]): string[] => cells.filter(({ type }) => type === 'code').map(({ source }) => source);
const heads = (cells: LessonCell[]): string[] => code(cells).map(source => source.split('\n')[0]!);

describe('listings', () => {
  it('makes a cell of one that equals a file but for white space, with the header that it needs before it', () => {
    const cells = lessonCells(
      lessonOf([prose('Text.\n\n'), fence('c', program.replaceAll('\n', '\n  ')), prose('End.\n')])
    );
    expect(heads(cells)).toEqual(['%%file show.h', '%%bpf show --ifname lo']);
    expect(code(cells)[1]).toBe(`%%bpf show --ifname lo\n${program.trimEnd()}`);
    expect(cells.map(({ origin }) => origin.role)).toEqual(['prose', 'file', 'file', 'prose']);
  });

  it('takes the file of one that has drifted, and shows the difference', () => {
    const drifted = program.replace('"GPL"', '"Dual MIT/GPL"');
    const cells = lessonCells(lessonOf([fence('c', drifted)]));
    expect(code(cells)[1]).toContain('"GPL"');
    const note = cells.find(({ origin }) => origin.role === 'note')!;
    expect(note.source).toMatch(/<details>[\s\S]*-char LICENSE.*Dual MIT\/GPL[\s\S]*\+char LICENSE.*"GPL"/);
  });

  it('leaves fragments and prototypes as text, and puts the files into a section of their own', () => {
    const cells = lessonCells(lessonOf([fence('c', 'int show(struct __sk_buff *skb);')]));
    expect(cells.map(({ origin }) => origin.role)).toEqual(['prose', 'note', 'file', 'file']);
    expect(cells[1]!.source).toBe('## Files of this lesson');
  });

  it('warns of a program that acts on the whole machine, before its cell', () => {
    const danger = [{ path: 'all.bpf.c', text: 'SEC("lsm/bpf")\nint all(void *ctx) { return -1; }\n' }];
    const cells = lessonCells(lessonOf([], danger));
    expect(cells.map(({ origin }) => origin.role)).toEqual(['note', 'warning', 'file']);
    expect(cells[1]!.source).toMatch(/no process of the whole machine may call bpf\(\).*%target vm/);
  });
});

describe('commands', () => {
  const app: SourceFile[] = [
    { path: 'app.bpf.c', text: 'SEC("tp/a/b")\nint app(void *ctx) { return 0; }\n' },
    { path: 'app.c', text: '#include "app.skel.h"\nint main(void) { while (!exiting) ; }\n' },
    { path: 'Makefile', text: 'APPS = app second\n' }
  ];

  it('splits a transcript into commands and what they print', () => {
    const text = '$ make\n  CC app\n$ sudo ./app -d 5\nTIME PID\n10:00 1\n^C';
    const cells = lessonCells(lessonOf([fence('console', text)], app));
    const commands = cells.filter(({ origin }) => origin.role === 'command');
    expect(commands.map(({ source }) => source)).toEqual(['%%make', '%%make --bg -- app\n./app -d 5']);
    expect(commands[1]!.origin).toMatchObject({ original: 'sudo ./app -d 5', expected: 'TIME PID\n10:00 1\n^C' });
    expect(heads(cells).slice(0, 2)).toEqual(['%%file app.bpf.c', '%%file app.c']);
  });

  it('builds without a Makefile from the cells', () => {
    const cells = lessonCells(lessonOf([fence('bash', './app -x')], app.slice(0, 2)));
    expect(code(cells)).toContain('%%user app --bg -- -x\n#include "app.c"');
    expect(heads(cells)).toContain('%%bpf app --no-attach');
  });

  it('keeps traffic of another terminal running beside the probe, and asks for what is left open', () => {
    const pieces = [
      prose('In another terminal:\n\n'),
      fence('bash', 'ping 10.0.0.1\ncurl <address>'),
      prose('Then:\n'),
      fence('sh', 'ls')
    ];
    expect(code(lessonCells(lessonOf(pieces, [])))).toEqual([
      `%%sh --bg\nping 10.0.0.1`,
      `%%sh\nprintf '%s: ' '<address>'; read -r ASK_address\ncurl "$ASK_address"`,
      '%%sh\nls'
    ]);
  });

  it('understands eunomia', () => {
    const pieces = [fence('console', '$ ecc show.bpf.c\n$ sudo ecli run package.json --port 80\nTIME\n')];
    const cells = lessonCells(lessonOf(pieces));
    expect(heads(cells)).toEqual(['%%file show.h', '%%bpf show --ifname lo', '%set port=80']);
    expect(cells.find(({ origin }) => origin.file === 'show.bpf.c')?.origin.expected).toBe('TIME');
  });

  it('says why a command has no cell', () => {
    const cells = lessonCells(lessonOf([fence('shell', 'sudo apt install clang')], []));
    expect(cells.map(({ type }) => type)).toEqual(['markdown', 'markdown']);
    expect(cells[1]!.source).toContain('lab image');
  });

  it('reads one-liners of bpftrace', () => {
    const text = `# bpftrace -e 'BEGIN { printf("hi\\n"); }'\nhi`;
    const cells = lessonCells(lessonOf([fence('', text)], []));
    expect(code(cells)).toEqual([`%%bpftrace\nBEGIN { printf("hi\\n"); }`]);
  });
});

describe('any lesson', () => {
  const line = fc.constantFrom(
    ...[
      '$ make',
      '$ sudo ./show',
      'cd x && y',
      "echo '",
      'cat <<EOF',
      '# bpftrace -e "',
      '```',
      '<details>',
      '\\',
      'text',
      ''
    ],
    ...['sudo ecli run', '$ ', 'curl <a>', '/path/to/x', '%%bpf', program, '𝄞', '\u0000']
  );
  const text = fc.array(line, { maxLength: 8 }).map(lines => lines.join('\n'));
  const piece = fc.oneof(
    text.map(prose),
    fc
      .tuple(fc.constantFrom('c', 'bash', 'console', '', 'sh', 'c cell', 'text'), text)
      .map(([info, body]) => fence(info, body))
  );

  it('never throws, loses no byte of its text, has one key a cell, and cells that our parser reads', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), pieces => {
        const cells = lessonCells(lessonOf(pieces));
        const kept = cells
          .map(({ source, origin }) => (origin.role === 'prose' ? source : (origin.readme ?? '')))
          .join('');
        expect(kept).toBe(pieces.map(({ raw }) => raw).join(''));
        expect(new Set(cells.map(({ key }) => key)).size).toBe(cells.length);
        for (const source of code(cells).filter(each => !each.startsWith('%%make')))
          expect(parseCell(source).kind).not.toBe('lines ');
      })
    );
  });
});
