import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publishMarkdown } from '../../core/publish/publish-markdown.js';
import { publishPage } from '../../core/publish/publish-page.js';
import type { PublishedCell, PublishedNotebook } from '../../core/publish/published-notebook.js';
import { Mime, type ViewBundle } from '../../protocol/index.js';
import { pageStyle } from './page-style.js';
import { pageText } from './page-text.js';
import { readPublished } from './read-published.js';
import { slidesScript } from './slides-script.js';

const DOT = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bpflab-publish-'));
  await writeFile(join(folder, 'dot.png'), Buffer.from(DOT, 'base64'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const cell = (type: PublishedCell['type'], source: string, more: Partial<PublishedCell> = {}): PublishedCell => ({
  type,
  source,
  outputs: [],
  slide: '',
  isFolded: false,
  ...more
});

const page = (cells: PublishedCell[], form: 'page' | 'slides' = 'page'): string =>
  publishPage(
    { title: 'A title', cells },
    { form, language: 'en', text: pageText(folder), style: pageStyle, script: slidesScript }
  );

const view = (more: Partial<ViewBundle>): ViewBundle => ({
  version: 1,
  view: 'v1',
  run: 'r1',
  session: 's1',
  kind: 'events',
  title: 'events',
  columns: [
    { name: 'time', kind: 'u64', c_type: 'u64', unit: 'unix_ns', role: 'meta' },
    { name: 'comm', kind: 'text', c_type: 'char [16]', unit: '', role: 'field' }
  ],
  state: 'ended',
  alternatives: [],
  notes: [],
  snapshot: {
    total_rows: '3',
    rows: [['1700000000123456789', '<b>bash</b>']],
    losses: { kernel: '2', kernel_known: true, agent: '0', evicted: '0' }
  },
  ...more
});

const bundle = (data: Record<string, unknown>): PublishedCell =>
  cell('code', 'int x;', { outputs: [{ kind: 'bundle', data }] });

describe('a published notebook', () => {
  it('runs nothing and loads nothing, whatever its cells hold', () => {
    const hostile = [
      '<script>alert(1)</script>',
      '<img src=x onerror=alert(1)>',
      '[x](javascript:alert(1))',
      '![x](https://example.org/track.png)',
      '<iframe src="https://example.org"></iframe>',
      '<svg><script>alert(1)</script></svg>',
      '<style>body{display:none}</style>',
      '<form action="https://example.org"><input type="password"></form>'
    ].join('\n\n');
    const html = page([
      cell('markdown', hostile),
      bundle({ 'text/html': hostile }),
      bundle({ [Mime.view]: view({ title: '"><script>alert(1)</script>' }) }),
      bundle({ 'image/png': '"><script>alert(1)</script>' })
    ]);
    const body = html.slice(html.indexOf('<body'));
    expect(body).not.toMatch(
      /<(?:script|iframe|form|style|object|embed|link)|\son[a-z]+=|href="javascript:|src="(?!data:)/i
    );
    expect(html).toContain('default-src &#39;none&#39;');
  });

  it('never fails on what a file can hold', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (text, value) => {
        page([
          cell('markdown', text),
          cell('code', text, { outputs: [{ kind: 'stream', name: 'stdout', text }] }),
          bundle({ [Mime.view]: value, 'text/plain': text }),
          bundle({ [Mime.diagnosis]: value }),
          bundle({ [Mime.testrun]: value })
        ]);
      }),
      { numRuns: 60 }
    );
  });

  it('shows the newest rows of a table, how many there are, and what was lost', () => {
    const html = page([bundle({ [Mime.view]: view({}) })]);
    expect(html).toContain('2023-11-14 22:13:20.123456 UTC');
    expect(html).toContain('&lt;b&gt;bash&lt;/b&gt;');
    expect(html).toContain('1 of 3 rows, the newest');
    expect(html).toContain('lost in the kernel: 2, in the agent: 0');
  });

  it('draws histograms with their counts, and has them as a table', () => {
    const histograms = [
      {
        key: 'read',
        scale: 'log2' as const,
        unit: 'usecs',
        buckets: [
          { low: '0', high: '1', count: '5' },
          { low: '2', high: '3', count: '18446744073709551615' }
        ]
      }
    ];
    const html = page([
      bundle({ [Mime.view]: view({ kind: 'histogram', snapshot: { ...view({}).snapshot, histograms } }) })
    ]);
    expect(html.match(/<rect class="bar"/g)).toHaveLength(2);
    expect(html).toContain('width="420"');
    expect(html).toMatch(/<td>read<\/td><td class="number">2 – 3<\/td><td class="number">18446744073709551615</);
  });

  it('puts pictures beside the notebook into the page, and none from elsewhere', () => {
    const html = page([cell('markdown', '![dot](dot.png) ![up](../../etc/passwd.png) ![none](none.png)')]);
    expect(html).toContain(`src="data:image/png;base64,${DOT}"`);
    expect(html.match(/<img/g)).toHaveLength(3);
    expect(html.match(/src=/g)).toHaveLength(1);
  });

  it('colors C and a terminal’s text', () => {
    const html = page([
      cell('code', 'SEC("xdp") int f(void *ctx) { return 0; }', {
        outputs: [{ kind: 'stream', name: 'stderr', text: '\u001b[31mbad\u001b[0m <x>' }]
      })
    ]);
    expect(html).toContain('<span class="tok-keyword">return</span>');
    expect(html).toContain('<span class="ansi-red">bad</span> &lt;x&gt;');
    expect(page([cell('code', '%%sh\nfor i in 1; do :; done')])).not.toContain('class="tok-');
  });

  it('is slides: where the author says so, else at each heading', () => {
    const count = (cells: PublishedCell[]): number => page(cells, 'slides').match(/class="slide"/g)?.length ?? 0;
    const headings = [cell('markdown', '# One'), cell('code', 'int x;'), cell('markdown', '## Two')];
    expect(count(headings)).toBe(2);
    const told = [
      cell('markdown', '# One', { slide: 'slide' }),
      cell('markdown', '## Two'),
      cell('code', 'int x;', { slide: 'subslide' }),
      cell('markdown', 'say hello', { slide: 'notes' }),
      cell('markdown', 'not this', { slide: 'skip' })
    ];
    expect(count(told)).toBe(2);
    expect(page(told, 'slides')).not.toContain('not this');
  });

  it('is Markdown whose fences hold whatever the code holds', () => {
    const notebook: PublishedNotebook = {
      title: '',
      cells: [
        cell('markdown', '# Title\n'),
        cell('code', '%%sh\necho "````"', { outputs: [{ kind: 'stream', name: 'stdout', text: '````\n' }] })
      ]
    };
    expect(publishMarkdown(notebook)).toBe('# Title\n\n`````sh\n%%sh\necho "````"\n`````\n\n`````text\n````\n`````\n');
  });

  it('is read from a file, with attached pictures in the text', async () => {
    const path = join(folder, 'n.ipynb');
    const attachments = { 'a.png': { 'image/png': DOT } };
    await writeFile(
      path,
      JSON.stringify({
        nbformat: 4,
        nbformat_minor: 5,
        metadata: {},
        cells: [
          { cell_type: 'markdown', metadata: {}, source: ['# Hello\n', '![a](attachment:a.png)'], attachments },
          {
            cell_type: 'code',
            metadata: { jupyter: { source_hidden: true } },
            source: 'int x;',
            outputs: [{ output_type: 'error', ename: 'E', evalue: 'bad', traceback: ['one', 'two'] }]
          }
        ]
      })
    );
    const notebook = await readPublished(path);
    expect(notebook.title).toBe('Hello');
    expect(page(notebook.cells)).toContain(`data:image/png;base64,${DOT}`);
    expect(notebook.cells[1]).toMatchObject({ isFolded: true, outputs: [{ kind: 'error', traceback: 'one\ntwo' }] });
    await expect(readPublished(join(folder, 'none.ipynb'))).rejects.toMatchObject({ code: 'BPFLAB_CONTENTS_MISSING' });
  });
});
