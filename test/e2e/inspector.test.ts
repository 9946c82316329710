import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stackProfiler } from '../fixtures/stack-profiler.js';
import { requires } from '../requires.js';
import { seriousFaults } from './accessibility.js';
import { closeLabInBrowser, openLabInBrowser, type LabInBrowser } from './lab-in-browser.js';
import { notebookOf } from './notebook-of.js';

const WAIT = { timeout: 60_000, interval: 100 };

const GATE = `%%bpf gate --no-attach
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

char LICENSE[] SEC("license") = "GPL";

SEC("xdp")
int gate(struct xdp_md *ctx)
{
    void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
    struct ethhdr *eth = data;
    struct iphdr *ip = (void *)(eth + 1);
    struct tcphdr *tcp = (void *)(ip + 1);

    if ((void *)(tcp + 1) > end || eth->h_proto != bpf_htons(0x0800) || ip->protocol != 6)
        return XDP_PASS;
    if (tcp->dest == bpf_htons(8080)) {
        tcp->dest = bpf_htons(80);
        ip->ttl--;
        return XDP_TX;
    }
    return tcp->dest == bpf_htons(80) ? XDP_DROP : XDP_PASS;
}
`;

const PACKETS = `%%testrun gate --repeat 100
--- web
tcp dport=80
expect drop
--- other port
tcp dport=8080
payload "GET / HTTP/1.1\\r\\n"
expect tx
--- not TCP
udp
expect pass
`;

const PROFILE = stackProfiler();

const WORK = '%%sh --bg\ndd if=/dev/zero of=/dev/null bs=64k & while :; do /bin/true; sleep 0.5; done\n';

const CELLS = { gate: 0, packets: 1, work: 2, profile: 3 };

requires('vm', 'chromium')('packets, stacks and the inspector in a browser', () => {
  let opened: LabInBrowser;

  beforeAll(async () => {
    opened = await openLabInBrowser();
    await writeFile(join(opened.server.notebooks, 'look.ipynb'), notebookOf([GATE, PACKETS, WORK, PROFILE]));
    await opened.lab.open('look.ipynb');
    await opened.notebook.ready();
  });

  afterAll(() => closeLabInBrowser(opened));

  const serious = (selector: string): Promise<string[]> => seriousFaults(opened.lab.page, selector);

  it('shows what a program made of packets, header by header and byte by byte', async () => {
    const { notebook, lab } = opened;
    await notebook.run(CELLS.gate);
    await notebook.run(CELLS.packets);
    const output = notebook.cell(CELLS.packets).locator('.jp-BpflabTestRun');
    await expect
      .poll(() => output.locator('.jp-BpflabTestRun-verdict code').allInnerTexts(), WAIT)
      .toEqual(['XDP_DROP', 'XDP_TX', 'XDP_PASS']);
    await output.getByRole('button', { name: 'other port' }).click();
    const out = output.getByRole('region', { name: 'Out', exact: true });
    await out.waitFor();
    expect(await out.locator('.jp-BpflabPacket-field.jp-mod-changed').allInnerTexts()).toEqual([
      expect.stringContaining('63') as string,
      expect.stringContaining('80') as string
    ]);
    // Keys move over the bytes and stay in the output.
    await out.getByRole('gridcell').first().focus();
    for (const key of [
      'ArrowDown',
      'ArrowRight',
      'ArrowRight',
      'ArrowRight',
      'ArrowRight',
      'ArrowRight',
      'ArrowRight'
    ]) {
      await lab.page.keyboard.press(key);
    }
    expect(await out.locator('.jp-BpflabPacket-says').innerText()).toMatch(/byte 22 · ipv4\.ttl = 63 · changed/);
    expect(await serious('.jp-BpflabTestRun')).toEqual([]);
    await lab.screenshot('testrun');
  });

  it('draws stacks as a flame graph with keys, search and a table', async () => {
    const { notebook, lab } = opened;
    await notebook.run(CELLS.work);
    await notebook.run(CELLS.profile);
    await notebook.goTo(CELLS.profile);
    const view = notebook.view(CELLS.profile, 'counts').node;
    const frames = view.getByRole('treeitem');
    await view.scrollIntoViewIfNeeded();
    await expect.poll(() => view.locator('.jp-mod-kernel').count(), WAIT).toBeGreaterThan(3);
    await expect.poll(() => view.getByRole('treeitem', { name: /^dd:/ }).count(), WAIT).toBeGreaterThan(0);
    // Only dd reads without end: once it was seen there, what is held fast has it.
    await view.getByRole('searchbox', { name: 'Find functions' }).fill('sys_read');
    await expect.poll(() => view.locator('.jp-mod-marked').count(), WAIT).toBeGreaterThan(0);
    await notebook.view(CELLS.profile, 'counts').button('Pause').click();
    await frames.first().focus();
    await lab.page.keyboard.press('ArrowUp');
    await lab.page.keyboard.press('Enter');
    expect(await view.locator('.jp-BpflabFlame-says').innerText()).toMatch(/: [\d,]+ samples, [\d.]+ %/);
    await lab.page.keyboard.press('Escape');
    expect(await serious('.jp-BpflabStacks')).toEqual([]);
    await lab.screenshot('stacks');
    await view.getByRole('button', { name: 'Table' }).click();
    // The search stays: the table lists the stacks that have the function.
    await expect
      .poll(() => view.locator('.jp-BpflabStacks-table tbody tr:visible').allInnerTexts(), WAIT)
      .toContainEqual(expect.stringMatching(/sys_read/));
    await notebook.view(CELLS.profile, 'counts').button('Plain Map').click();
    await expect.poll(() => notebook.view(CELLS.profile, 'counts').column('comm'), WAIT).not.toEqual([]);
  });

  it('lists what is loaded, with the code of a program and the contents of a map', async () => {
    const { lab } = opened;
    await lab.page.evaluate(() => window.jupyterapp.commands.execute('bpflab:open-inspector'));
    const panel = lab.page.locator('.jp-BpflabInspector');
    const names = panel.locator('.jp-BpflabInspector-name > span:first-child');
    await expect.poll(() => names.allInnerTexts(), WAIT).toContain('sample');
    expect(await names.allInnerTexts()).toContain('gate');
    await expect
      .poll(() => panel.locator('.jp-BpflabInspector-stats').allInnerTexts(), WAIT)
      .toContainEqual(expect.stringMatching(/[\d,]+ runs, .* each/));
    expect(await serious('.jp-BpflabInspector')).toEqual([]);
    await lab.screenshot('inspector');
    await panel.getByRole('button', { name: 'Contents: counts' }).click();
    const map = lab.page.locator('.jp-BpflabInspector-map');
    await expect.poll(() => map.locator('tbody tr[data-row]').count(), WAIT).toBeGreaterThan(0);
    await panel.getByRole('button', { name: 'Code: gate' }).click();
    const code = lab.page.locator('.jp-BpflabCode-table');
    await expect.poll(() => code.innerText(), WAIT).toContain('return XDP_TX');
    expect(await code.innerText()).toContain('exit');
    await lab.page.setViewportSize({ width: 1600, height: 900 });
    await lab.screenshot('inspector-code');
    await lab.page.setViewportSize({ width: 1280, height: 900 });
  });

  it('detaches a link, and says when there is nothing to look at', async () => {
    const { lab } = opened;
    const panel = lab.page.locator('.jp-BpflabInspector');
    await panel
      .getByRole('button', { name: /^Detach: perf_event/ })
      .first()
      .click();
    await expect.poll(() => panel.getByRole('button', { name: /^Detach: perf_event/ }).count(), WAIT).toBe(0);
    await lab.page.evaluate(() => window.jupyterapp.commands.execute('bpflab:reset-session'));
    await expect.poll(() => panel.innerText(), WAIT).toMatch(/There is no target yet|The target is gone/);
    expect(opened.browser.errors).toEqual([]);
  });
});
