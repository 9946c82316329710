import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requires } from '../requires.js';
import { accessibilityFaults } from './accessibility.js';
import { EVENTS } from './events-program.js';
import type { LabBrowser } from './lab-browser.js';
import { closeLabInBrowser, openLabInBrowser, type LabInBrowser } from './lab-in-browser.js';
import type { LabPage } from './lab-page.js';
import type { LabServer } from './lab-server.js';
import { notebookOf } from './notebook-of.js';
import type { NotebookPage } from './notebook-page.js';

const WAIT = { timeout: 30_000, interval: 100 };

const REFUSED = `%%bpf careless
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 64);
    __type(key, int);
    __type(value, unsigned long long);
} counts SEC(".maps");

SEC("tp/sched/sched_process_exec")
int count(void *ctx)
{
    int key = 0;
    unsigned long long *value = bpf_map_lookup_elem(&counts, &key);

    *value += 1;
    return 0;
}
`;

const BROKEN = `%%bpf broken
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
    return missing;
}
`;

/** Two types of one size in one ring: nothing in a record says which it is. */
const AMBIGUOUS = `%%bpf two_kinds
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct first_kind {
    unsigned int pid;
    unsigned int cpu;
};

struct second_kind {
    unsigned long long both;
};

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 256 * 1024);
} records SEC(".maps");

SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
    struct first_kind first = { .pid = bpf_get_current_pid_tgid() >> 32, .cpu = bpf_get_smp_processor_id() };
    struct second_kind second = { .both = 7 };

    bpf_ringbuf_output(&records, &first, sizeof(first), 0);
    bpf_ringbuf_output(&records, &second, sizeof(second), 0);
    return 0;
}
`;

const TRAFFIC = '%%sh\nfor i in $(seq 40); do /bin/true; done; /bin/ls > /dev/null\n';
const CELLS = { events: 0, traffic: 1, refused: 2, broken: 3, unknown: 4, ambiguous: 5 };

requires('vm', 'chromium')('outputs in a browser', () => {
  let server: LabServer;
  let browser: LabBrowser;
  let lab: LabPage;
  let notebook: NotebookPage;
  let opened: LabInBrowser;

  beforeAll(async () => {
    opened = await openLabInBrowser();
    ({ server, browser, lab, notebook } = opened);
    const cells = [EVENTS, TRAFFIC, REFUSED, BROKEN, '%nosuch', AMBIGUOUS];
    await writeFile(join(server.notebooks, 'outputs.ipynb'), notebookOf(cells));
    await lab.open('outputs.ipynb');
    await notebook.ready();
  });

  afterAll(() => closeLabInBrowser(opened));

  it('shows events with their fields as they come', async () => {
    await notebook.run(CELLS.events);
    await notebook.run(CELLS.traffic);
    await notebook.goTo(CELLS.events);
    const events = notebook.view(CELLS.events, 'events');
    await expect.poll(() => events.badge(), WAIT).toBe('Live');
    await expect.poll(() => events.column('comm'), WAIT).toContain('ls');
    // Following: the newest row is in view without scrolling.
    expect((await events.column('comm')).at(-1)).toBe('ls');
    expect(await events.facts()).toMatch(/^\d+ events$/);
  });

  it('sorts and filters in the session, and copies rows as tab-separated text', async () => {
    const events = notebook.view(CELLS.events, 'events');
    await events.sortBy('pid');
    await events.sortBy('pid');
    await expect
      .poll(async () => {
        const pids = (await events.column('pid')).map(Number);
        return pids.length > 10 && pids.every((pid, row) => row === 0 || pid <= pids[row - 1]!);
      }, WAIT)
      .toBe(true);
    await events.where('comm == "ls"');
    await expect.poll(() => events.facts(), WAIT).toMatch(/· 1 shown$/);
    await expect.poll(() => events.column('comm'), WAIT).toEqual(['ls']);
    await events.button('Copy').click();
    await expect
      .poll(() => lab.page.evaluate(() => navigator.clipboard.readText()), WAIT)
      .toMatch(/^seq\ttime\tpid\tparent\tcomm\n\d+\t\d+\t\d+\t\d+\tls\n$/);
    await events.button('Filter').click();
    await expect.poll(() => events.facts(), WAIT).toMatch(/^\d+ events$/);
  });

  it('is moved through and selected with the keyboard', async () => {
    const events = notebook.view(CELLS.events, 'events');
    await events.node.locator('.jp-BpflabGrid-table').focus();
    await lab.page.keyboard.press('Home');
    await lab.page.keyboard.press('Shift+ArrowDown');
    await expect.poll(() => events.node.locator('tr[aria-selected="true"]').count(), WAIT).toBe(2);
    await lab.page.keyboard.press('Control+c');
    await expect
      .poll(async () => (await lab.page.evaluate(() => navigator.clipboard.readText())).split('\n').length, WAIT)
      .toBe(4);
    await lab.page.keyboard.press('Escape');
    await expect.poll(() => events.node.locator('tr[aria-selected="true"]').count(), WAIT).toBe(0);
  });

  it('lives on after a reload of the page', async () => {
    await notebook.save();
    await lab.reload();
    await notebook.ready();
    const events = notebook.view(CELLS.events, 'events');
    await expect.poll(() => events.badge(), WAIT).toBe('Live');
    await expect.poll(() => events.column('comm'), WAIT).toContain('ls');
    await events.node.scrollIntoViewIfNeeded();
    await lab.screenshot('events');
  });

  it('marks a refused program in its editor, and opens the whole log at the failing line', async () => {
    await notebook.run(CELLS.refused);
    const cell = notebook.cell(CELLS.refused);
    // Where in the line it begins is the debug information's to say.
    await expect
      .poll(() => cell.locator('.cm-lintRange-error').allInnerTexts(), WAIT)
      .toEqual([expect.stringMatching(/\+= 1;$/)]);
    const diagnosis = cell.locator('.jp-BpflabDiagnosis');
    expect(await diagnosis.innerText()).toContain("invalid mem access 'map_value_or_null'");
    expect(await diagnosis.locator('.jp-BpflabDiagnosis-source').innerText()).toContain('*value += 1;');
    await diagnosis.getByRole('button', { name: /whole log/ }).click();
    await diagnosis.locator('.jp-BpflabLog-line.jp-mod-reason').waitFor();
    await lab.screenshot('refused');
    await notebook.setSource(CELLS.refused, REFUSED.replace('*value += 1', 'if (value) *value += 1'));
    await expect.poll(() => cell.locator('.cm-lintRange-error').count(), WAIT).toBe(0);
  });

  it('marks what the compiler says, and tells other errors with a next step', async () => {
    await notebook.run(CELLS.broken);
    const marks = notebook.cell(CELLS.broken).locator('.cm-lintRange-error');
    await expect.poll(() => marks.allInnerTexts(), WAIT).toEqual(['missing']);
    await notebook.run(CELLS.unknown);
    const error = notebook.cell(CELLS.unknown).locator('.jp-BpflabDiagnosis-report');
    await expect.poll(() => error.innerText(), WAIT).toContain('Run %lsmagic');
  });

  it('asks which type the records of a ring have where the program does not say, and reads all of them anew', async () => {
    await notebook.run(CELLS.ambiguous);
    await notebook.run(CELLS.traffic);
    await notebook.goTo(CELLS.ambiguous);
    const records = notebook.view(CELLS.ambiguous, 'records');
    const choice = records.node.getByLabel('Record type');
    await records.node.scrollIntoViewIfNeeded();
    await expect.poll(() => records.badge(), WAIT).toBe('Live');
    await expect.poll(() => records.headers(), WAIT).toContain('pid');
    expect(await choice.locator('option').allInnerTexts()).toEqual([
      'struct first_kind',
      'struct second_kind',
      'bytes'
    ]);
    await choice.selectOption('struct second_kind');
    await expect.poll(() => records.headers(), WAIT).toEqual(['seq', 'time', 'both']);
    await expect.poll(() => records.column('both'), WAIT).toContain('7');
    expect(await choice.inputValue()).toBe('struct second_kind');
  });

  it('downloads the rows that the filter keeps, as CSV, JSON and Parquet', async () => {
    await notebook.goTo(CELLS.events);
    const events = notebook.view(CELLS.events, 'events');
    await events.where('comm == "ls"');
    await events.button('Download').click();
    const saved = async (format: string): Promise<{ name: string; bytes: Buffer }> => {
      const coming = lab.page.waitForEvent('download');
      await events.node.getByRole('button', { name: format, exact: true }).click();
      const download = await coming;
      return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
    };
    const csv = await saved('CSV');
    expect(csv.name).toMatch(/events.*\.csv$/);
    expect(csv.bytes.toString()).toMatch(/^seq,.*comm\r?\n.*,ls\r?\n$/s);
    expect(JSON.stringify(JSON.parse((await saved('JSON')).bytes.toString()))).toContain('"ls"');
    expect((await saved('Parquet')).bytes.subarray(0, 4).toString()).toBe('PAR1');
    await events.button('Download').click();
    await events.button('Filter').click();
  });

  it('are alive in a console of the same session', async () => {
    const { page } = lab;
    await page.evaluate(() => void window.jupyterapp.commands.execute('notebook:create-console'));
    await page.locator('.jp-CodeConsole-promptCell .cm-content').click();
    await page.keyboard.insertText(EVENTS.replace('starts', 'again'));
    await page.keyboard.press('Shift+Enter');
    const view = page.locator('.jp-CodeConsole .jp-BpflabView', { hasText: 'events' });
    await expect.poll(() => view.locator('.jp-BpflabBadge').innerText(), WAIT).toBe('Live');
    await page.locator('.jp-CodeConsole-promptCell .cm-content').click();
    await page.keyboard.insertText('%%sh\n/bin/ls > /dev/null');
    await page.keyboard.press('Shift+Enter');
    await expect
      .poll(() => view.locator('tbody tr[data-row]').allInnerTexts(), WAIT)
      .toContainEqual(expect.stringContaining('ls'));
    await lab.screenshot('console');
    await page.evaluate(() => void window.jupyterapp.commands.execute('application:close'));
    await page.locator('.jp-CodeConsole').waitFor({ state: 'detached' });
  });

  it('are as they were saved when the session does not know their run any more', async () => {
    const copy = async (): Promise<void> =>
      lab.page.evaluate(
        ([from, to]) => {
          const { widgets } = window.jupyterapp.shell.currentWidget.content;
          const view = widgets[from]!.model.outputs!.toJSON().find(({ data }) =>
            JSON.stringify(data ?? '').includes('"title":"events"')
          )!;
          const bundle = view.data!['application/vnd.bpflab.view+json'] as object;
          const gone = { ...bundle, view: 'r0/gone', run: 'r0' };
          const data = { ...view.data, 'application/vnd.bpflab.view+json': gone };
          widgets[to]!.model.outputs!.fromJSON([{ ...view, data }]);
        },
        [CELLS.events, CELLS.traffic] as const
      );
    await copy();
    await notebook.goTo(CELLS.traffic);
    const gone = notebook.view(CELLS.traffic, 'events');
    await expect.poll(() => gone.badge(), WAIT).toBe('Snapshot');
    await expect.poll(() => gone.column('comm'), WAIT).toContain('ls');
    await notebook.run(CELLS.traffic);
  });

  it.each(['JupyterLab Light', 'JupyterLab Dark', 'JupyterLab Dark High Contrast'])(
    'has no accessibility fault in %s',
    async theme => {
      await lab.setTheme(theme);
      await lab.open('outputs.ipynb');
      await notebook.ready();
      await notebook.view(CELLS.events, 'events').node.waitFor();
      await lab.page.locator(`body[data-jp-theme-name="${theme}"]`).waitFor({ state: 'attached' });
      expect(await accessibilityFaults(lab.page, '.jp-BpflabOutput')).toEqual([]);
      await notebook.view(CELLS.events, 'events').node.scrollIntoViewIfNeeded();
      await lab.screenshot(`events-${theme.split(' ').slice(1).join('-').toLowerCase()}`);
    }
  );

  it('speaks Chinese', async () => {
    await lab.setTheme('JupyterLab Light');
    await lab.setSettings('@jupyterlab/translation-extension:plugin', { locale: 'zh_CN' });
    await lab.open('outputs.ipynb');
    await notebook.ready();
    const events = notebook.view(CELLS.events, 'events');
    await expect.poll(() => events.badge(), WAIT).toBe('实时');
    expect(await events.facts()).toMatch(/^\d+ 个事件$/);
    await lab.setSettings('@jupyterlab/translation-extension:plugin', {});
  });

  it('speaks English where the file of a language does not come', async () => {
    await lab.setSettings('@jupyterlab/translation-extension:plugin', { locale: 'zh_CN' });
    await lab.page.route(/\/lab\/api\/translations\//, route => route.fulfill({ status: 404, body: '' }));
    await lab.open('outputs.ipynb');
    await notebook.ready();
    await expect.poll(() => notebook.view(CELLS.events, 'events').badge(), WAIT).toBe('Live');
    await lab.page.unroute(/\/lab\/api\/translations\//);
    await lab.setSettings('@jupyterlab/translation-extension:plugin', {});
  });

  it('is a snapshot where there is no session', async () => {
    await lab.open('outputs.ipynb');
    await notebook.ready();
    await notebook.save();
    const events = notebook.view(CELLS.events, 'events');
    await expect.poll(() => events.badge(), WAIT).toBe('Live');
    await lab.page.evaluate(() => window.jupyterapp.commands.execute('notebook:shutdown-kernel'));
    await expect.poll(() => events.badge(), WAIT).toBe('Snapshot');
    expect(await events.column('comm')).toContain('ls');
    expect(browser.errors).toEqual([]);
  });
});
