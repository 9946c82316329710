/** A notebook of 200 cells with 30 living views: what is not on the screen costs nothing. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { closeLabInBrowser, openLabInBrowser, type LabInBrowser } from '../e2e/lab-in-browser.js';
import { notebookOf } from '../e2e/notebook-of.js';
import { requires } from '../requires.js';

const WAIT = { timeout: 60_000, interval: 200 };
const CELLS = 200;
/** One cell in so many has a program, of three views. */
const EVERY = 20;
const VIEWS_OF_EACH = 3;
const programs = Array.from({ length: CELLS / EVERY }, (_, n) => EVERY * n + EVERY - 1);
/** Each getsid() changes all views: a ring, a map, a histogram. */
const program = readFileSync(join(import.meta.dirname, '../bench/programs/views.bpf.c'), 'utf8');
const TRAFFIC = `%%sh
python3 -c 'import os, time
for _ in range(30):
    for _ in range(10): os.getsid(0)
    time.sleep(0.1)'
`;
const filler = (index: number): string => `%%sh\n${'# a line of a cell\n'.repeat(8)}echo ${index}`;

requires('vm', 'chromium')('a long notebook with living views', () => {
  let opened: LabInBrowser;
  const asked = { sent: 0, received: 0 };
  const count = (payload: string | Buffer, word: string): number => (payload.includes(word) ? 1 : 0);

  beforeAll(async () => {
    opened = await openLabInBrowser();
    const { lab, notebook, server } = opened;
    lab.page.on('websocket', socket => {
      // A request says where its rows begin; so does a window.
      socket.on('framesent', ({ payload }) => (asked.sent += count(payload, '"follow"')));
      socket.on('framereceived', ({ payload }) => (asked.received += count(payload, '"type":"window"')));
    });
    const sources = Array.from({ length: CELLS }, (_, n) =>
      n === 0 ? TRAFFIC : programs.includes(n) ? `%%bpf views_${n}\n${program}` : filler(n)
    );
    await writeFile(join(server.notebooks, 'long.ipynb'), notebookOf(sources));
    await lab.open('long.ipynb');
    await notebook.ready();
    for (const index of programs) await notebook.run(index);
  });
  afterAll(() => closeLabInBrowser(opened));

  it('asks for nothing, is sent nothing and draws nothing of a view that nobody sees', async () => {
    const { lab, notebook } = opened;
    for (const index of programs) {
      for (const title of ['events', 'counts', 'slot_hist']) {
        const view = notebook.view(index, title);
        await notebook.goTo(index);
        await view.node.scrollIntoViewIfNeeded();
        await expect.poll(() => view.badge(), WAIT).toBe('Live');
      }
    }
    expect(await lab.page.locator('.jp-BpflabView').count()).toBe(programs.length * VIEWS_OF_EACH);
    await notebook.goTo(0);
    // The session answers in order: after this, what was still asked has been answered.
    await notebook.run(0);
    const before = { ...asked };
    await lab.page.evaluate(() => {
      const seen = window as unknown as { drawn: number };
      seen.drawn = 0;
      const observer = new MutationObserver(changes => (seen.drawn += changes.length));
      for (const view of document.querySelectorAll('.jp-BpflabView')) {
        observer.observe(view, { subtree: true, childList: true, characterData: true });
      }
    });
    expect(await notebook.run(0)).toEqual([]);
    expect(asked).toEqual(before);
    expect(await lab.page.evaluate(() => (window as unknown as { drawn: number }).drawn)).toBe(0);
    const view = notebook.view(programs[0]!, 'events');
    await notebook.goTo(programs[0]!);
    await view.node.scrollIntoViewIfNeeded();
    // Two runs of 300 calls; the virtual machine may make some of its own.
    const events = async (): Promise<number> => Number.parseInt((await view.facts()).replace(',', ''), 10);
    await expect.poll(events, WAIT).toBeGreaterThanOrEqual(600);
    expect(asked.received).toBeGreaterThan(before.received);
  });
});
