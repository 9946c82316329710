import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkNotebook, type Notebook } from '../jupyter/contents/notebook-file.js';
import { importLessons, type ImportResult } from './import-lessons.js';
import { readmePieces } from './readme-pieces.js';

const fixtures = fileURLToPath(new URL('../../../../test/fixtures/lessons/', import.meta.url));
const realClones = process.env['BPFLAB_LESSONS'] ?? '';
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'bpflab-import-test-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

async function importOf(
  source: string,
  more: { only?: string; into?: string } = {}
): Promise<ImportResult & { into: string }> {
  const into = more.into ?? (await mkdtemp(join(home, 'into-')));
  const request = { source, into, language: 'both', only: more.only ?? '', version: '1', today: '2026-01-01' } as const;
  return { ...(await importLessons(request, () => undefined)), into };
}

async function notebook(into: string, path: string): Promise<Notebook> {
  return checkNotebook(JSON.parse(await readFile(join(into, path), 'utf8')), path);
}
const textOf = (cell: Notebook['cells'][number]): string => (cell['source'] as string[]).join('');
const heads = ({ cells }: Notebook): string[] =>
  cells.filter(({ cell_type }) => cell_type === 'code').map(cell => textOf(cell).split('\n')[0]!);

describe('a course with a SUMMARY.md', () => {
  let result: Awaited<ReturnType<typeof importOf>>;
  beforeAll(async () => {
    result = await importOf(join(fixtures, 'tutorial'));
  });

  it('has its lessons in its order, then those that it does not name', () => {
    expect(result.course).toMatchObject({ kind: 'tutorial', commit: expect.anything() as unknown, license: 'MIT' });
    expect(result.course.lessons.map(({ id, title, group }) => [id, title, group])).toEqual([
      ['src/1-first', 'A program that prints', 'First steps'],
      ['src/2-app', 'A program with a user part', 'Applications'],
      ['src/3-global', 'A lesson that the course does not name', 'More']
    ]);
    expect(result.course.lessons[0]).toMatchObject({ needs: { kernel_min: '4.8', level: 'Basic' } });
    expect(Object.values(result.lessons[0]!.figures).map(({ lostBytes }) => lostBytes)).toEqual([0, 0]);
  });

  it('makes cells of listings and commands', async () => {
    const first = await notebook(result.into, 'src/1-first/1-first.ipynb');
    expect(heads(first)).toEqual(['%%file first.h', '%%bpf first', '%set pid_target=618', '%%sh --bg']);
    const text = first.cells.map(textOf).join('\n');
    expect(text).toContain('[the next one](../2-app/2-app.ipynb)');
    expect(text).toContain('![a dot](../pictures/dot.svg)');
    expect(existsSync(join(result.into, 'src/pictures/dot.svg'))).toBe(true);
    expect(text).toContain('| `first.bpf.c` | `GPL-2.0 OR BSD-3-Clause` |');
    expect(first.metadata['bpflab']).toMatchObject({ lesson: 'src/1-first', source: { tool: '1', license: 'MIT' } });
    const chinese = await notebook(result.into, 'src/1-first/1-first.zh.ipynb');
    expect(chinese.cells.map(textOf).join('\n')).toMatch(/## 本课的文件|下一课/);
  });

  it('makes an application with its Makefile, whose folder is beside the notebook', async () => {
    const app = await notebook(result.into, 'src/2-app/2-app.ipynb');
    expect(heads(app)).toEqual([
      ...[
        '%%file app.c',
        '%%file app.h',
        '%%file app.bpf.c',
        '%%make',
        '%%make --bg -- app',
        '%%make',
        '%%make -- app'
      ],
      '%%bpftrace'
    ]);
    expect(existsSync(join(result.into, 'src/2-app/Makefile'))).toBe(true);
    const hostile = app.cells.find(cell => textOf(cell).includes('<script>'))!;
    expect(hostile.cell_type).toBe('markdown');
    expect(JSON.stringify(app)).not.toContain('"trusted"');
  });
});

describe('other repositories', () => {
  it('makes a lesson of each section that names a program', async () => {
    const { course, into } = await importOf(join(fixtures, 'bootstrap'));
    expect(course.kind).toBe('bootstrap');
    expect(course.lessons.map(({ id }) => id)).toEqual(['examples/c/beta', 'examples/c/alpha']);
    const beta = await notebook(into, 'examples/c/beta.ipynb');
    expect(heads(beta)).toEqual([
      '%%file beta.bpf.c',
      '%%file beta.c',
      '%%make -- beta',
      '%%make --bg -- beta',
      '%%sh --for 5s'
    ]);
    expect(beta.cells.map(textOf).join('')).not.toContain('Building');
  });

  it('makes a lesson of each tool of bpftrace and bcc', async () => {
    const trace = await importOf(join(fixtures, 'tools/bpftrace'));
    expect(trace.course.kind).toBe('bpftrace');
    expect(heads(await notebook(trace.into, 'tools/opens.ipynb'))).toEqual(['%%bpftrace opens']);
    const bcc = await importOf(join(fixtures, 'tools/bcc'));
    expect(heads(await notebook(bcc.into, 'tools/opens.ipynb'))).toEqual(['%%bcc']);
  });
});

describe('importing again', () => {
  it('keeps what the learner wrote, in notebooks and in files beside them', async () => {
    const clone = await mkdtemp(join(home, 'clone-'));
    await cp(join(fixtures, 'tutorial'), clone, { recursive: true });
    execFileSync('git', ['init', '-q', clone]);
    const first = await importOf(clone);
    expect(first.course.commit).toBeNull();
    const path = join(first.into, 'src/1-first/1-first.ipynb');
    const before = await readFile(path, 'utf8');
    await importOf(clone, { into: first.into });
    expect(await readFile(path, 'utf8')).toBe(before);
    await writeFile(join(first.into, 'src/2-app/app.h'), 'mine');
    await writeFile(join(clone, 'src/1-first/first.h'), '#define FIRST_FORMAT "new %d"\n');
    const again = await importOf(clone, { into: first.into, only: '1-first' });
    expect(again.lessons[0]?.change?.updated).toHaveLength(1);
    expect(again.course.lessons).toHaveLength(3);
    expect((await importOf(clone, { into: first.into })).kept).toEqual(['src/2-app/app.h']);
    expect(await readFile(join(first.into, 'src/2-app/app.h'), 'utf8')).toBe('mine');
  }, 60_000);
});

describe('bad input', () => {
  it('leaves out links that lead out of the clone, and follows those inside', async () => {
    const clone = await mkdtemp(join(home, 'links-'));
    await cp(join(fixtures, 'tutorial/src/1-first'), join(clone, 'a'), { recursive: true });
    await symlink('/etc/passwd', join(clone, 'a/out.h'));
    await symlink('first.h', join(clone, 'a/in.h'));
    const { refused, into } = await importOf(clone);
    expect(refused).toEqual(['a/out.h']);
    expect(existsSync(join(into, 'a/out.h'))).toBe(false);
    expect(await readFile(join(into, 'a/in.h'), 'utf8')).toContain('FIRST_FORMAT');
  });

  it.each([
    ['no folder', () => join(home, 'nowhere')],
    ['nothing that is a lesson', () => fixtures + 'tutorial/src/pictures'],
    ['an address that git cannot clone', () => `file://${home}/no.git`]
  ])('says so: %s', async (_, source) => {
    await expect(importOf(source())).rejects.toMatchObject({ code: 'BPFLAB_LESSONS_SOURCE' });
  });

  it('takes a text of 50 MB as it is, in bounded time', async () => {
    const clone = await mkdtemp(join(home, 'large-'));
    await writeFile(join(clone, 'x.bpf.c'), 'int x;');
    await writeFile(join(clone, 'README.md'), '```c\n* _a_ [\n'.repeat(4_000_000));
    const startMs = performance.now();
    const { into } = await importOf(clone);
    expect(performance.now() - startMs).toBeLessThan(30_000);
    expect((await notebook(into, 'lesson.ipynb')).cells.map(textOf).join('\n')).toContain('MiB');
  }, 60_000);

  it('cuts any Markdown into pieces that are the text', () => {
    const texts = [
      '```',
      '~~~\n```c\nint x;\n',
      '- a\n  ```c\n  x\n  ```\n\n```sh\n$ y\n```',
      '\t```\n\u0000 \r\n\r<b>',
      '> ```\n> a\nb'
    ];
    for (const text of texts)
      expect(
        readmePieces(text)
          .map(({ raw }) => raw)
          .join('')
      ).toBe(text.replace(/\r\n?/g, '\n'));
  });
});

describe.skipIf(realClones === '')('the real clones', () => {
  it.each(['bpf-developer-tutorial', 'libbpf-bootstrap'])(
    '%s: no lesson loses a byte, within 10 s',
    async name => {
      const { lessons, durationMs } = await importOf(join(realClones, name));
      const lost = lessons.filter(({ figures }) => Object.values(figures).some(({ lostBytes }) => lostBytes !== 0));
      expect(lost.map(({ id }) => id)).toEqual([]);
      expect(durationMs).toBeLessThan(10_000);
    },
    60_000
  );
});
