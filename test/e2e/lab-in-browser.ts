import { LabBrowser } from './lab-browser.js';
import { LabPage } from './lab-page.js';
import { LabServer } from './lab-server.js';
import { NotebookPage } from './notebook-page.js';

/** The product as it is used: a server, a browser, a page of the application, and the notebook that is open in it. */
export interface LabInBrowser {
  server: LabServer;
  browser: LabBrowser;
  lab: LabPage;
  notebook: NotebookPage;
}

/** Starts all of it; nothing is opened in the page yet. The caller gives it to `closeLabInBrowser`. */
export async function openLabInBrowser(): Promise<LabInBrowser> {
  const server = await LabServer.start();
  const browser = await LabBrowser.start();
  const lab = new LabPage(await browser.newPage(), server);
  return { server, browser, lab, notebook: new NotebookPage(lab.page) };
}

export async function closeLabInBrowser({ browser, server }: LabInBrowser): Promise<void> {
  await browser.close();
  await server.close();
}
