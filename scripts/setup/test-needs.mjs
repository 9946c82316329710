import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../bpf/image/run-command.mjs';

/**
 * What only tests need of the host: a program, or a folder, and the Debian package with it.
 *
 * @type {{ names: string[], package: string, what: string }[]}
 */
const needs = [
  {
    names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    package: 'chromium',
    what: 'a browser'
  },
  { names: ['ip'], package: 'iproute2', what: 'ip and tc' },
  { names: ['bpftool'], package: 'bpftool', what: 'the second opinion on what is loaded' },
  { names: ['busybox'], package: 'busybox', what: 'a reader of archives' }
];
/** Folders of fonts with Chinese, for the screenshots. */
const fontFolders = [
  '/usr/share/fonts/opentype/noto',
  '/usr/share/fonts/truetype/wqy',
  '/usr/share/fonts/truetype/droid'
];
const fontPackage = 'fonts-wqy-microhei';

/** Debian packages that are missing. */
function missingTestPackages() {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
  const has = (/** @type {string} */ name) => folders.some(folder => existsSync(join(folder, name)));
  const missing = needs.filter(({ names }) => !names.some(has)).map(need => need.package);
  return fontFolders.some(folder => existsSync(folder)) ? missing : [...missing, fontPackage];
}

/**
 * Installs them as root; says the command otherwise.
 *
 * @param {import('../../bpf/image/progress.mjs').Progress} progress
 */
export async function provideTestNeeds(progress) {
  const missing = missingTestPackages();
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.geteuid?.() !== 0) {
    progress.note(`Some tests are skipped. To run them: sudo ${command}`);
    return;
  }
  const step = progress.step('Test needs');
  step.update(missing.join(', '));
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await runCommand('apt-get', ['-qq', 'update'], { env, code: 'BPFLAB_IMAGE_FETCH' });
    await runCommand('apt-get', ['-qq', ...command.split(' ').slice(1)], { env, code: 'BPFLAB_IMAGE_FETCH' });
    step.done(missing.join(', '));
  } catch (error) {
    step.failed();
    // The tests that need it say so themselves: skipped, or failed where BPFLAB_REQUIRE names it.
    progress.note(error instanceof Error ? error.message : String(error));
  }
}
