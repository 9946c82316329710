import { KernelAPI, ServerConnection } from '@jupyterlab/services';
import { KernelConnection } from '@jupyterlab/services/lib/kernel/default.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EVENTS } from '../e2e/events-program.js';
import { LabBrowser } from '../e2e/lab-browser.js';
import { LabServer } from '../e2e/lab-server.js';
import { notebookOf } from '../e2e/notebook-of.js';
import { NotebookPage } from '../e2e/notebook-page.js';
import { InstalledKernel } from '../integration/installed-kernel.js';
import { pythonEnvironment, STOCK } from '../fixtures/python-environment.mjs';
import { requires } from '../requires.js';
import { STOCK_TOKEN, StockServer } from './stock-server.js';

const WAIT = { timeout: 60_000, interval: 100 };
const TRAFFIC = '%%sh\nfor i in $(seq 40); do /bin/true; done; /bin/ls > /dev/null\n';

/** Stock front ends: the newest, the oldest that works, Notebook 7; `page` opens a file. */
const FRONT_ENDS = [
  { name: 'JupyterLab 4.6', packages: STOCK, application: 'lab', page: 'lab/tree' },
  { name: 'JupyterLab 4.0', packages: ['jupyterlab==4.0.13'], application: 'lab', page: 'lab/tree' },
  { name: 'Notebook 7', packages: STOCK, application: 'notebook', page: 'notebooks' }
] as const;

for (const { name, packages, application, page } of FRONT_ENDS) {
  requires(
    'vm',
    'chromium',
    'python'
  )(name, () => {
    let kernel: InstalledKernel;
    let server: StockServer;
    let browser: LabBrowser;

    beforeAll(async () => {
      kernel = await InstalledKernel.install();
      server = await StockServer.start(kernel, { bin: await pythonEnvironment([...packages]), application });
      browser = await LabBrowser.start();
    }, 600_000);

    afterAll(async () => {
      await browser.close();
      await server.close();
      await kernel.close();
    });

    it('shows a live table of what a later cell causes, and sorts and filters it by mouse', async () => {
      await server.write('live.ipynb', notebookOf([EVENTS, TRAFFIC]));
      const tab = await browser.newPage();
      await tab.goto(`${server.origin}/${page}/live.ipynb?token=${STOCK_TOKEN}`);
      await tab.locator('.jp-Notebook').waitFor();
      const notebook = new NotebookPage(tab);
      await notebook.ready();
      await notebook.run(0);
      const events = notebook.view(0, 'events');
      await expect.poll(() => events.badge(), WAIT).toBe('Live');
      await notebook.run(1);
      await notebook.goTo(0);
      await expect.poll(() => events.column('comm'), WAIT).toContain('ls');
      await events.sortBy('pid');
      await events.sortBy('pid');
      await expect
        .poll(async () => {
          const pids = (await events.column('pid')).map(Number);
          return pids.length > 10 && pids.every((pid, row) => row === 0 || pid <= pids[row - 1]!);
        }, WAIT)
        .toBe(true);
      await events.where('comm == "ls"');
      await expect.poll(() => events.column('comm'), WAIT).toEqual(['ls']);
      await tab.screenshot({ path: `test-results/${name.toLowerCase().replace(' ', '-')}.png` });
    });
  });
}

requires('vm', 'python')('jupyter lab --gateway-url', () => {
  it('runs cells in our gateway, over its own server', async () => {
    const gateway = await LabServer.start();
    const kernel = await InstalledKernel.install();
    const server = await StockServer.start(kernel, {
      bin: await pythonEnvironment(STOCK),
      application: 'lab',
      options: [`--gateway-url=${gateway.origin}`, `--GatewayClient.auth_token=${gateway.token}`]
    });
    try {
      const settings = ServerConnection.makeSettings({
        baseUrl: `${server.origin}/`,
        wsUrl: `${server.origin.replace('http', 'ws')}/`,
        token: STOCK_TOKEN,
        appendToken: true
      });
      const model = await KernelAPI.startNew({ name: 'bpflab' }, settings);
      const connection = new KernelConnection({ model, serverSettings: settings });
      const future = connection.requestExecute({ code: '%%sh\necho through' });
      const texts: string[] = [];
      future.onIOPub = ({ header, content }) => {
        if (header.msg_type === 'stream') texts.push((content as { text: string }).text);
      };
      expect((await future.done).content.status).toBe('ok');
      expect(texts).toEqual(['through\n']);
      await connection.shutdown();
      connection.dispose();
    } finally {
      await server.close();
      await kernel.close();
      await gateway.close();
    }
  });
});
