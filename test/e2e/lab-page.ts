/** The application in a page: launcher, settings, screenshots. */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import type { LabServer } from './lab-server.js';

const checkout = resolve(import.meta.dirname, '../..');
/** `BPFLAB_SCREENSHOTS=docs` writes the pictures of the documentation anew. */
const pictures = process.env['BPFLAB_SCREENSHOTS'] === 'docs' ? 'docs/images' : 'test-results';

/** Where the page finds the server; a line to it has an origin of its own. */
type ServerAddress = Pick<LabServer, 'origin' | 'token'>;

let workspaces = 0;

export class LabPage {
  readonly page: Page;
  readonly #server: ServerAddress;
  #address = '';

  constructor(page: Page, server: ServerAddress) {
    this.page = page;
    this.#server = server;
  }

  /** Opens the application in a new workspace, with `path` (below the notebook folder) when it is given. */
  async open(path = ''): Promise<void> {
    const { origin, token } = this.#server;
    const tree = path === '' ? '' : `/tree/${path}`;
    this.#address = `${origin}/lab/workspaces/e2e-${++workspaces}${tree}?token=${token}&expose=1`;
    await this.page.goto(this.#address);
    await this.page.locator(path === '' ? '.jp-Launcher' : '.jp-Notebook').waitFor();
  }

  /** Loads the page anew. The application takes `expose` out of its address, so a plain reload would not have it. */
  async reload(): Promise<void> {
    await this.page.goto(this.#address);
    await this.page.locator('.jp-Notebook').waitFor();
  }

  /** Titles of the lessons on the launcher, in order. */
  lessons(): Promise<string[]> {
    const section = this.page.locator('.jp-Launcher-section').first();
    return section.locator('.jp-LauncherCard-label').allInnerTexts();
  }

  /** Opens a lesson as a newcomer does: by its card. */
  async openLesson(title: string): Promise<void> {
    await this.page.locator('.jp-LauncherCard', { hasText: title }).first().click();
    await this.page.locator('.jp-Notebook').waitFor();
  }

  /** Changes a plugin's settings, as the settings editor does; takes effect when a page is opened. */
  async setSettings(plugin: string, settings: Record<string, unknown>): Promise<void> {
    const status = await this.page.evaluate(
      async ([id, raw]) => {
        const xsrf = /_xsrf=([^;]+)/.exec(document.cookie)?.[1] ?? '';
        const headers = { 'content-type': 'application/json', 'X-XSRFToken': xsrf };
        const body = JSON.stringify({ raw });
        const response = await fetch(`/lab/api/settings/${id}`, { method: 'PUT', headers, body });
        return response.status;
      },
      [plugin, JSON.stringify(settings)] as const
    );
    if (status !== 204) throw new Error(`Settings of ${plugin} were not saved — status ${status}.`);
  }

  /** One of JupyterLab's themes, by the name in its menu. */
  setTheme(theme: string): Promise<void> {
    return this.setSettings('@jupyterlab/apputils-extension:themes', { theme });
  }

  /** `part`: what of the page is in the picture; all of it when left out. */
  async screenshot(name: string, part: Locator | Page = this.page): Promise<void> {
    const folder = join(checkout, pictures);
    await mkdir(folder, { recursive: true });
    await part.screenshot({ path: join(folder, `${name}.png`) });
  }
}
