/** Chromium with nothing remembered, and what its pages complained of. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { chromiumPath } from '../requires.js';

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage', '--lang=en-US'];
/** Noise of JupyterLab 4.6 itself: yjs loaded by two of its packages, and look-ups of paths that are shown in outputs. */
const noise = /yjs|Yjs|status of 404/;

export class LabBrowser {
  /** Errors of all pages: uncaught ones, and those on the console. */
  readonly errors: string[] = [];
  readonly #context: BrowserContext;
  readonly #folder: string;

  private constructor(context: BrowserContext, folder: string) {
    this.#context = context;
    this.#folder = folder;
    context.on('weberror', error => this.errors.push(error.error().message));
    context.on('console', message => {
      if (message.type() === 'error' && !noise.test(message.text())) this.errors.push(message.text());
    });
  }

  static async start(): Promise<LabBrowser> {
    const folder = await mkdtemp(join(tmpdir(), 'bpflab-chromium-'));
    const context = await chromium.launchPersistentContext(folder, {
      executablePath: chromiumPath()!,
      args: flags,
      viewport: { width: 1280, height: 900 },
      permissions: ['clipboard-read', 'clipboard-write']
    });
    return new LabBrowser(context, folder);
  }

  newPage(): Promise<Page> {
    return this.#context.newPage();
  }

  async close(): Promise<void> {
    await this.#context.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
