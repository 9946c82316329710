import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requires } from '../requires.js';
import { accessibilityFaults } from './accessibility.js';
import type { LabBrowser } from './lab-browser.js';
import { closeLabInBrowser, openLabInBrowser, type LabInBrowser } from './lab-in-browser.js';
import type { LabPage } from './lab-page.js';
import type { LabServer } from './lab-server.js';
import type { NotebookPage, ViewPart } from './notebook-page.js';
import { notebookOf } from './notebook-of.js';

const WAIT = { timeout: 30_000, interval: 100 };

const PROGRAM = `%%bpf starts
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

enum start_kind { START_EVEN, START_ODD };

struct start {
    unsigned int pid;
    enum start_kind kind;
    char comm[16];
};

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 256 * 1024);
} events SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 64);
    __type(key, enum start_kind);
    __type(value, unsigned long long);
} counts SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, int);
    __type(value, unsigned long long);
} by_cpu SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 16);
    __type(key, int);
    __type(value, unsigned long long);
} pid_hist SEC(".maps");

const volatile unsigned int least_pid = 0;
bool is_on = true;
int limit = 5;

SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
    unsigned int pid = bpf_get_current_pid_tgid() >> 32;
    enum start_kind kind = pid % 2;
    unsigned long long one = 1, *value;
    struct start *event;
    int slot = pid % 13, first = 0;

    if (!is_on || pid < least_pid || limit < 0)
        return 0;
    value = bpf_map_lookup_elem(&counts, &kind);
    if (value)
        __sync_fetch_and_add(value, 1);
    else
        bpf_map_update_elem(&counts, &kind, &one, BPF_ANY);
    value = bpf_map_lookup_elem(&by_cpu, &first);
    if (value)
        *value += 1;
    value = bpf_map_lookup_elem(&pid_hist, &slot);
    if (value)
        __sync_fetch_and_add(value, 1);
    event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
    if (!event)
        return 0;
    event->pid = pid;
    event->kind = kind;
    bpf_get_current_comm(event->comm, sizeof(event->comm));
    bpf_ringbuf_submit(event, 0);
    return 0;
}
`;

const TRAFFIC = '%%sh\nfor i in $(seq 40); do /bin/true; done; /bin/ls > /dev/null\n';
/** Programs that the traffic starts, at the least. */
const EXECS = 41;
const FILLER = '// nothing\n'.repeat(40);
const CELLS = { program: 0, traffic: 1, last: 8 };

/** A view as somebody could have written it into a notebook to do harm; and one that is none. */
const crafted = (title: string): string => {
  const markup = '<img src=x onerror="window.harm = 1">';
  const bundle = {
    ...{ version: 1, view: 'x', run: 'x', session: 'x', kind: 'events', title, state: 'live', alternatives: [markup] },
    columns: [{ name: markup, kind: 'text', c_type: markup, unit: markup, role: 'field' }, { name: 'user\u202etxt' }],
    notes: [markup],
    snapshot: { total_rows: markup, rows: [[markup, 'a\u202eb'], 7], losses: markup }
  };
  const output = (data: unknown): unknown => ({
    output_type: 'display_data',
    metadata: {},
    data: { 'application/vnd.bpflab.view+json': data, 'text/plain': 'plain' }
  });
  const notebook = JSON.parse(notebookOf([''])) as { cells: { outputs: unknown[] }[] };
  notebook.cells[0]!.outputs.push(output(bundle), output({ version: 1, kind: markup }));
  return JSON.stringify(notebook);
};

requires('vm', 'chromium')('live views in a browser', () => {
  let opened: LabInBrowser;
  let server: LabServer;
  let browser: LabBrowser;
  let lab: LabPage;
  let notebook: NotebookPage;
  const view = (title: string): ViewPart => notebook.view(CELLS.program, title);
  const press = (key: string): Promise<void> => lab.page.keyboard.press(key);
  const traffic = async (): Promise<void> => {
    await notebook.run(CELLS.traffic);
    await notebook.goTo(CELLS.program);
  };

  beforeAll(async () => {
    opened = await openLabInBrowser();
    ({ server, browser, lab, notebook } = opened);
    await writeFile(
      join(server.notebooks, 'views.ipynb'),
      notebookOf([PROGRAM, TRAFFIC, ...Array<string>(6).fill(FILLER), TRAFFIC])
    );
    await lab.open('views.ipynb');
    await notebook.ready();
    await notebook.run(CELLS.program);
    await traffic();
  });

  afterAll(() => closeLabInBrowser(opened));

  it('filters by an expression, and shows what is wrong with it where it is', async () => {
    const events = view('events');
    await events.node.scrollIntoViewIfNeeded();
    await expect.poll(() => events.badge(), WAIT).toBe('Live');
    await events.where('kind == START_ODD && comm ~ "TRUE"');
    await expect.poll(async () => new Set(await events.column('kind')), WAIT).toEqual(new Set(['START_ODD']));
    const field = events.node.getByLabel('Filter expression');
    await field.fill('pid > 1 && knid == START_ODD');
    await expect.poll(() => events.node.locator('mark').allInnerTexts(), WAIT).toEqual(['knid']);
    // What was there stays until the expression can be read.
    expect(await events.column('kind')).toContain('START_ODD');
    await field.fill('');
    await expect.poll(() => events.node.locator('mark:visible').count(), WAIT).toBe(0);
    await events.button('Filter').click();
  });

  it('shows the columns that were chosen, also when its cell has run again', async () => {
    const events = view('events');
    await events.button('Columns').click();
    await events.node.getByLabel('kind', { exact: true }).uncheck();
    expect(await events.headers()).toEqual(['seq', 'time', 'pid', 'comm']);
    await notebook.run(CELLS.program);
    await traffic();
    await events.node.scrollIntoViewIfNeeded();
    await expect.poll(() => events.headers(), WAIT).toEqual(['seq', 'time', 'pid', 'comm']);
    await events.button('Columns').click();
    await events.node.getByRole('button', { name: 'Reset Columns' }).click();
    expect(await events.headers()).toContain('kind');
    await events.button('Columns').click();
  });

  it('counts what is new while it stands still', async () => {
    const events = view('events');
    await expect.poll(() => events.column('comm'), WAIT).toContain('ls');
    await events.button('Pause').click();
    await traffic();
    await events.node.scrollIntoViewIfNeeded();
    const chip = events.node.getByRole('button', { name: /\d+ new/ });
    await expect.poll(async () => parseInt(await chip.innerText(), 10), WAIT).toBeGreaterThanOrEqual(EXECS);
    // A grid that comes onto the screen is empty for a moment; which rows it draws depends on its height.
    const newest = async (): Promise<number> => Math.max(0, ...(await events.rows()).map(([seq]) => Number(seq)));
    let standing = 0;
    await expect.poll(async () => (standing = await newest()), WAIT).toBeGreaterThan(0);
    await chip.click();
    await expect.poll(newest, WAIT).toBeGreaterThanOrEqual(standing + EXECS);
  });

  it('edits an entry of a map in place, says why a text is no value, and keeps the text', async () => {
    const counts = view('counts');
    await counts.node.scrollIntoViewIfNeeded();
    await expect.poll(async () => (await counts.rows()).length, WAIT).toBe(2);
    await expect.poll(() => counts.button('Add Entry').count(), WAIT).toBe(1);
    await counts.node.locator('tr[data-row="0"] td').nth(1).dblclick();
    const field = counts.node.locator('.jp-BpflabCellEditor input');
    await field.fill('many');
    await press('Enter');
    await expect.poll(() => counts.node.getByRole('alert').innerText(), WAIT).toContain('wants a number');
    expect(await field.inputValue()).toBe('many');
    await field.fill('0x1000');
    await press('Enter');
    await expect.poll(() => counts.column('value'), WAIT).toContain('4096');
    await expect.poll(() => field.count(), WAIT).toBe(0);
  });

  it('adds and deletes entries with the keyboard, and clears after a question', async () => {
    const counts = view('counts');
    await counts.button('Add Entry').focus();
    await press('Enter');
    await counts.node.getByLabel('key').selectOption('START_EVEN');
    await press('Tab');
    await lab.page.keyboard.type('7');
    await press('Enter');
    await expect.poll(() => counts.node.getByRole('alert').innerText(), WAIT).toContain('has an entry of this key');
    await press('Escape');

    await counts.node.locator('tr[data-row="0"] td').first().click();
    await press('Delete');
    await expect.poll(async () => (await counts.rows()).length, WAIT).toBe(1);
    expect(await counts.facts()).toBe('1 of 64 entries');

    await counts.button('Clear Map…').click();
    const dialog = lab.page.getByRole('dialog');
    expect(await dialog.innerText()).toContain('Delete all entries of "counts"?');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expect.poll(() => counts.facts(), WAIT).toBe('0 of 64 entries');
    await counts.button('Add Entry').click();
    await counts.node.getByLabel('value').fill('42');
    await press('Enter');
    await expect.poll(() => counts.column('value'), WAIT).toEqual(['42']);
  });

  it('shows the sum of all CPUs, what each of them has, and the bytes', async () => {
    const cpus = view('by_cpu');
    await cpus.node.scrollIntoViewIfNeeded();
    await cpus.button('Details').click();
    await cpus.node.locator('tr[data-row="0"] td').first().click();
    const details = cpus.node.getByRole('region', { name: 'Selected row' });
    await expect.poll(() => details.innerText(), WAIT).toContain('CPU 0');
    expect(await details.locator('pre').first().innerText()).toMatch(/^0000 {2}00 00 00 00$/);
    await cpus.button('Details').click();
  });

  it('has variables as controls, and loads the program anew for a constant', async () => {
    const globals = view('globals');
    await globals.node.scrollIntoViewIfNeeded();
    const limit = globals.node.getByLabel('limit');
    await expect.poll(() => limit.inputValue(), WAIT).toBe('5');
    await limit.fill('none');
    await press('Enter');
    await expect.poll(() => globals.node.getByRole('alert').innerText(), WAIT).toContain('wants a number');
    await limit.fill('0x20');
    await press('Enter');
    await expect.poll(() => limit.inputValue(), WAIT).toBe('32');
    await globals.node.getByRole('switch', { name: 'is_on' }).uncheck();
    await expect.poll(() => globals.node.getByRole('switch', { name: 'is_on' }).isChecked(), WAIT).toBe(false);
    await globals.node.getByLabel('least_pid').fill('3');
    await globals.node.getByRole('button', { name: 'Set and Reload' }).click();
    // The new run is in the place of the old one, with the initial values and the new constant.
    await expect.poll(() => globals.node.getByLabel('least_pid').inputValue(), WAIT).toBe('3');
    await expect.poll(() => limit.inputValue(), WAIT).toBe('5');
    await expect.poll(() => notebook.card(CELLS.program).innerText(), WAIT).toContain('Attached');
  });

  it('draws counters and histograms over time, with a table beside each', async () => {
    await traffic();
    const counts = view('counts');
    await counts.node.scrollIntoViewIfNeeded();
    await counts.button('Over Time').click();
    await counts.node.locator('.u-wrap[role="img"]').waitFor();
    await counts.button('Table').click();
    await expect
      .poll(() => counts.node.locator('.jp-BpflabHistory-table caption').innerText(), WAIT)
      .toBe('per second');
    await counts.button('Over Time').click();

    const histogram = view('pid_hist');
    await histogram.node.scrollIntoViewIfNeeded();
    await histogram.button('Over Time').click();
    await histogram.node.locator('canvas[role="img"]').waitFor();
    await lab.screenshot('over-time');
    await histogram.button('Over Time').click();
    await histogram.node.locator('.jp-BpflabHistogram-table').waitFor();
  });

  it('lives in an output view of its own', async () => {
    await notebook.goTo(CELLS.program);
    await lab.page.evaluate(() => window.jupyterapp.commands.execute('notebook:create-output-view'));
    const copy = lab.page
      .locator('.jp-LinkedOutputView .jp-BpflabView')
      .filter({ has: lab.page.locator('.jp-BpflabView-title', { hasText: /^events$/ }) });
    await copy.scrollIntoViewIfNeeded();
    await expect.poll(() => copy.locator('.jp-BpflabBadge').innerText(), WAIT).toBe('Live');
    await lab.page.locator('.lm-TabBar-tab', { hasText: 'Output View' }).locator('.lm-TabBar-tabCloseIcon').click();
  });

  it('costs nothing off the screen: nothing is asked, nothing comes, nothing is drawn', async () => {
    const runs = async (): Promise<number> =>
      Number(
        (await lab.page.locator('.jp-BpflabRun-programs td.jp-mod-number').first().innerText()).replace(/\D/g, '')
      );
    await lab.page.locator('.jp-BpflabRun').first().scrollIntoViewIfNeeded();
    const before = await runs();
    await notebook.goTo(CELLS.last);
    await expect.poll(() => lab.page.locator('.jp-BpflabGrid tr[data-row]:visible').count(), WAIT).toBe(0);
    await lab.page.evaluate(() => {
      const seen = { windows: 0, counters: [] as string[], drawn: 0 };
      const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session!;
      kernel!.anyMessage.connect((_, { msg }) => {
        const { data } = msg.content as { data?: { type?: string; runs?: { programs: { run_count: string }[] }[] } };
        if (data?.type === 'window') seen.windows++;
        const count = data?.type === 'status' ? data.runs?.[0]?.programs[0]?.run_count : undefined;
        if (count !== undefined) seen.counters.push(count);
      });
      const drawn = new MutationObserver(records => (seen.drawn += records.length));
      for (const card of document.querySelectorAll('.jp-BpflabRun')) {
        drawn.observe(card, { childList: true, subtree: true, characterData: true });
      }
      Object.assign(window, { seen });
    });
    await notebook.run(CELLS.last);
    const seen = (): Promise<{ windows: number; counters: string[]; drawn: number }> =>
      lab.page.evaluate(() => (window as unknown as { seen: never }).seen);
    // The session has told new counters of the run meanwhile.
    await expect.poll(async () => Number((await seen()).counters.at(-1) ?? 0), WAIT).toBeGreaterThan(before);
    expect(await seen()).toMatchObject({ windows: 0, drawn: 0 });
    expect(await lab.page.locator('.jp-BpflabGrid tr[data-row]').count()).toBe(0);
    await notebook.goTo(CELLS.program);
    await lab.page.locator('.jp-BpflabRun').first().scrollIntoViewIfNeeded();
    await expect.poll(runs, WAIT).toBeGreaterThan(before);
    await view('events').node.scrollIntoViewIfNeeded();
    await expect.poll(async () => (await view('events').rows()).length, WAIT).toBeGreaterThan(10);
  });

  it('has no accessibility fault, with everything open', async () => {
    const [events, counts] = [view('events'), view('counts')];
    await events.node.scrollIntoViewIfNeeded();
    for (const name of ['Filter', 'Columns', 'Details', 'Download']) await events.button(name).click();
    await counts.button('Add Entry').click();
    expect(await accessibilityFaults(lab.page, '.jp-BpflabOutput')).toEqual([]);
    expect(browser.errors).toEqual([]);
  });

  it('shows what somebody has crafted as text, and runs nothing of it', async () => {
    await writeFile(join(server.notebooks, 'crafted.ipynb'), crafted('\u202eevil'));
    await lab.open('crafted.ipynb');
    const outputs = lab.page.locator('.jp-BpflabView');
    await expect.poll(() => outputs.count(), WAIT).toBe(2);
    await expect.poll(() => outputs.first().locator('.jp-BpflabView-title').innerText(), WAIT).toBe('\\u202eevil');
    await expect.poll(() => outputs.first().locator('td').allInnerTexts(), WAIT).toContain('a\\u202eb');
    expect(await outputs.last().innerText()).toBe('This output cannot be read.');
    expect(await outputs.locator('img').count()).toBe(0);
    expect(await lab.page.evaluate(() => 'harm' in window)).toBe(false);
    expect(browser.errors).toEqual([]);
  });
});
