import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * What pip is told about where packages come from, without pip: environment first, then its files, the user's before the
 * system's.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {(path: string) => string | null} [read] - text of a file, null when there is none
 * @see https://pip.pypa.io/en/stable/topics/configuration/
 */
export function pipSettings(env, read = readIfThere) {
  const home = env['HOME'] || homedir();
  const files = [
    env['PIP_CONFIG_FILE'] ?? '',
    join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'pip/pip.conf'),
    join(home, '.pip/pip.conf'),
    '/etc/pip.conf'
  ];
  const configs = files.filter(Boolean).map(file => parseConfig(read(file) ?? ''));
  const find = (/** @type {string} */ key) =>
    env[`PIP_${key.replace('-', '_').toUpperCase()}`] || configs.map(config => config.get(key)).find(Boolean) || null;
  return { index: find('index-url') ?? 'https://pypi.org/simple', proxy: find('proxy'), cert: find('cert') };
}

/**
 * Options of the sections that hold for downloads; the later section of a file wins, as pip has it.
 *
 * @param {string} text
 */
function parseConfig(text) {
  const options = new Map();
  let section = '';
  for (const line of text.split('\n')) {
    const name = /^\s*\[(.+)\]\s*$/.exec(line)?.[1];
    if (name !== undefined) section = name;
    const [, key, value] = /^\s*([\w-]+)\s*[=:]\s*(\S+)\s*$/.exec(line) ?? [];
    if (key && ['global', 'install', 'download'].includes(section)) options.set(key.replaceAll('_', '-'), value);
  }
  return options;
}

/** @param {string} path */
function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
