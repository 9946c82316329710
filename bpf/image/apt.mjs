/**
 * A private apt: its own lists, empty package status and keyring, under a folder of ours; the machine's proxies,
 * timeouts and credentials. Needs no root and touches nothing of the host's apt.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keepPinned, keyringOfHost } from './keyring.mjs';
import { runCommand } from './run-command.mjs';
import { StepError } from './step-error.mjs';

/**
 * @typedef {{ archive: string, security: string | null }} Mirror - base addresses, without a slash at the end
 * @typedef {{ folder: string, env: { APT_CONFIG: string } }} Apt
 * @typedef {{ name: string, version: string, file: string, size: number, sha256: string, uri: string }} Package
 */

const DEBIAN = { archive: 'http://deb.debian.org/debian', security: 'http://deb.debian.org/debian-security' };

/**
 * Where to try, best first: `--mirror`, else the host's own Debian mirror, else deb.debian.org. A mirror without the
 * security suite beside it is completed with Debian's, then used without.
 *
 * @param {string | undefined} chosen - `--mirror`: address of a Debian archive, such as http://mirror/debian
 * @param {string} hostTargets - lines of `apt-get indextargets`, "<repository> <release>"
 * @returns {Mirror[]}
 */
export function mirrorsToTry(chosen, hostTargets = '') {
  const bare = (/** @type {string} */ uri) => uri.replace(/\/+$/, '');
  if (chosen) {
    const archive = bare(chosen);
    return [
      { archive, security: `${archive}-security` },
      { archive, security: DEBIAN.security },
      { archive, security: null }
    ];
  }
  const codename = '(bullseye|bookworm|trixie|forky|sid)';
  const archive = new RegExp(`^(\\S+) ${codename}$`, 'm').exec(hostTargets)?.[1];
  const security = new RegExp(`^(\\S+) ${codename}-security$`, 'm').exec(hostTargets)?.[1];
  if (!archive) return [DEBIAN];
  const host = { archive: bare(archive), security: security ? bare(security) : DEBIAN.security };
  return host.archive === DEBIAN.archive ? [host] : [host, DEBIAN];
}

/** The host's repositories, one "<address> <release>" per line; empty where apt cannot say. */
async function hostTargets() {
  const output = await runCommand('apt-get', ['indextargets', '--format', '$(REPO_URI) $(RELEASE)']).catch(() => '');
  return output.toString();
}

/**
 * Settings of the host that apply to us as well: everything below Acquire:: that is about how to fetch.
 *
 * @param {string} dump - what `apt-config dump` prints
 */
export function acquireSettings(dump) {
  const ours = /^Acquire::(IndexTargets|Languages|CompressionTypes|GzipIndexes|Changelogs|Allow\w+Repositories)\b/;
  const netrc = /^Dir::Etc::netrc(parts)? "\//;
  return dump
    .split('\n')
    .filter(line => (/^Acquire::\S+ "[^"]+";$/.test(line) && !ours.test(line)) || netrc.test(line))
    .join('\n');
}

/**
 * Makes a private apt in an empty folder and fetches its package lists.
 *
 * @param {string} folder
 * @param {{ suites: string[], mirror?: string | undefined }} options - suites such as "trixie", "trixie-security"
 * @returns {Promise<Apt>}
 */
export async function openApt(folder, options) {
  const dump = await runCommand('apt-config', ['dump']).catch(cause => {
    throw new StepError('BPFLAB_IMAGE_FETCH', 'Cannot run apt-config — this needs Debian or Ubuntu with apt.', {
      cause
    });
  });
  const settings = acquireSettings(dump.toString());
  const candidates = mirrorsToTry(options.mirror, options.mirror ? '' : await hostTargets());
  /** @type {unknown} */
  let failure;
  /** @type {Set<string>} */
  const unreachable = new Set();
  for (const [index, mirror] of candidates.entries()) {
    // The other candidates differ in the security suite only, which then is not the cause.
    if (unreachable.has(mirror.archive)) continue;
    const apt = writeConfiguration(join(folder, `apt-${index}`), settings);
    try {
      await provideKeyring(apt, mirror);
      writeSources(apt, mirror, options.suites);
      await update(apt, mirror);
      return apt;
    } catch (error) {
      failure ??= error;
      if (error instanceof StepError && error.details.includes(`${mirror.archive}/dists/`)) {
        unreachable.add(mirror.archive);
      }
    }
  }
  throw failure;
}

/**
 * @param {string} folder
 * @param {string} settings
 * @returns {Apt}
 */
function writeConfiguration(folder, settings) {
  for (const part of ['lists/partial', 'cache/archives/partial', 'parts']) {
    mkdirSync(join(folder, part), { recursive: true });
  }
  writeFileSync(join(folder, 'status'), '');
  const lines = [
    settings,
    `Dir::State "${folder}";`,
    `Dir::State::status "${folder}/status";`,
    `Dir::Cache "${folder}/cache";`,
    `Dir::Etc::SourceList "${folder}/sources.list";`,
    ...['SourceParts', 'Parts', 'Main', 'Preferences', 'PreferencesParts', 'Trusted', 'TrustedParts'].map(
      name => `Dir::Etc::${name} "${folder}/parts";`
    ),
    'APT::Architecture "amd64";',
    'APT::Architectures "amd64";',
    'APT::Sandbox::User "";',
    'APT::Install-Recommends "false";',
    'APT::Update::Error-Mode "any";',
    'Acquire::Languages "none";',
    'Acquire::ForceHash "SHA256";',
    'Acquire::Retries "3";',
    'Debug::NoLocking "true";',
    'Dir::Cache::srcpkgcache "";'
  ];
  writeFileSync(join(folder, 'apt.conf'), `${lines.join('\n')}\n`);
  return { folder, env: { APT_CONFIG: join(folder, 'apt.conf') } };
}

/**
 * @param {Apt} apt
 * @param {Mirror} mirror
 * @param {string[]} suites
 * @param {string} [trust]
 */
function writeSources(apt, mirror, suites, trust = `signed-by=${apt.folder}/keyring.gpg`) {
  const lines = suites.map(suite => {
    const repository = suite.endsWith('-security') ? mirror.security : mirror.archive;
    return repository ? `deb [arch=amd64 ${trust}] ${repository} ${suite} main` : `# ${suite}: not at this mirror`;
  });
  writeFileSync(join(apt.folder, 'sources.list'), `${lines.join('\n')}\n`);
}

/**
 * Writes keyring.gpg. Where the host has not all pinned keys, they come from the mirror, in a package whose own
 * signature cannot be checked yet: the fingerprints are what makes them ours.
 *
 * @param {Apt} apt
 * @param {Mirror} mirror
 */
async function provideKeyring(apt, mirror) {
  let { keyring, missing } = keyringOfHost();
  if (missing.length > 0) {
    writeSources(apt, mirror, ['trixie'], 'trusted=yes');
    await update(apt, mirror);
    await runCommand('apt-get', ['-qq', 'download', 'debian-archive-keyring'], {
      cwd: apt.folder,
      env: apt.env,
      code: 'BPFLAB_IMAGE_FETCH'
    });
    const deb = readdirSync(apt.folder).find(name => name.startsWith('debian-archive-keyring_'));
    const out = join(apt.folder, 'keyring-package');
    await runCommand('dpkg-deb', ['-x', join(apt.folder, deb ?? 'debian-archive-keyring'), out]);
    const rings = join(out, 'usr/share/keyrings');
    const files = readdirSync(rings).map(name => readFileSync(join(rings, name)));
    ({ keyring, missing } = keepPinned([keyring, ...files]));
  }
  if (missing.length > 0) {
    throw new StepError('BPFLAB_IMAGE_FETCH', `The keyring of ${mirror.archive} lacks the key ${missing.join(', ')}.`);
  }
  writeFileSync(join(apt.folder, 'keyring.gpg'), keyring);
}

/**
 * @param {Apt} apt
 * @param {Mirror} mirror
 */
async function update(apt, mirror) {
  await runCommand('apt-get', ['-qq', 'update'], {
    env: apt.env,
    code: 'BPFLAB_IMAGE_FETCH',
    what: `Fetching the package lists of ${mirror.archive}`
  });
}

/**
 * What installing these packages on an empty system would fetch.
 *
 * @param {Apt} apt
 * @param {string[]} packages - names, with `/suite` where not the default one
 * @returns {Promise<Package[]>} in apt's order
 */
export async function resolvePackages(apt, packages) {
  const output = await runCommand('apt-get', ['-qq', '--print-uris', 'install', ...packages], {
    env: apt.env,
    code: 'BPFLAB_IMAGE_FETCH',
    what: 'apt-get install'
  });
  return parseUris(output.toString());
}

/**
 * Parses `apt-get --print-uris`: `'uri' name_version_arch.deb size SHA256:hex`, where file names write ":" as %3a.
 *
 * @param {string} text
 * @returns {Package[]}
 * @throws {StepError} for a package without SHA-256
 */
export function parseUris(text) {
  return text
    .split('\n')
    .filter(line => line.startsWith("'"))
    .map(line => {
      const match = /^'([^']+)' (([^_ ]+)_([^_ ]+)_[^_ ]+\.deb) (\d+) SHA256:([0-9a-f]{64})/.exec(line);
      if (!match) throw new StepError('BPFLAB_IMAGE_FETCH', `apt named a package without SHA-256: ${line}.`);
      const [, uri = '', file = '', name = '', version = '', size, sha256 = ''] = match;
      return { name, version: decodeURIComponent(version), file, size: Number(size), sha256, uri };
    });
}
