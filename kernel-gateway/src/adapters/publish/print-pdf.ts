import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { LabError } from '../../protocol/index.js';

const browsers = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const TIMEOUT_MS = 120_000;

/**
 * A page as PDF, printed by a Chromium of this machine (`BPFLAB_CHROMIUM`, else the first on the PATH) with no network and
 * a profile of its own.
 *
 * @throws LabError BPFLAB_EXPORT_BROWSER
 */
export async function printPdf(html: string): Promise<Buffer> {
  const browser = findBrowser();
  const folder = await mkdtemp(join(tmpdir(), 'bpflab-pdf-'));
  const [page, pdf] = [join(folder, 'page.html'), join(folder, 'page.pdf')];
  try {
    await writeFile(page, html);
    const flags = ['--headless', '--disable-gpu', '--no-pdf-header-footer', '--proxy-server=127.0.0.1:9'];
    // Chromium refuses its own sandbox to root. The page has no script and its policy loads nothing.
    const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    await promisify(execFile)(
      browser,
      [
        ...flags,
        ...root,
        `--user-data-dir=${join(folder, 'profile')}`,
        `--print-to-pdf=${pdf}`,
        pathToFileURL(page).href
      ],
      { timeout: TIMEOUT_MS, killSignal: 'SIGKILL' }
    );
    return await readFile(pdf);
  } catch (cause) {
    const reason = (cause as { stderr?: string }).stderr?.trim().split('\n').at(-1) ?? (cause as Error).message;
    throw new LabError('BPFLAB_EXPORT_BROWSER', `${browser} could not print the page — ${reason}.`, { cause });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function findBrowser(): string {
  const named = process.env['BPFLAB_CHROMIUM'];
  if (named !== undefined && named !== '') return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders.flatMap(folder => browsers.map(name => join(folder, name))).find(isProgram);
  if (found === undefined)
    throw new LabError('BPFLAB_EXPORT_BROWSER', 'Cannot make a PDF — no Chromium or Chrome is on the PATH.');
  return found;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
