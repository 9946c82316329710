/** Debian packages to a root file system, without running their maintainer scripts and without root. */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './run-command.mjs';

/** Left out: documentation (not the licenses), translations, device nodes. */
const excluded = [
  './dev/*',
  './usr/share/doc/*/[!c]*',
  './usr/share/doc/*/c[!o]*',
  './usr/share/man/*',
  './usr/share/info/*',
  './usr/share/locale/*',
  './usr/share/lintian/*'
];

/**
 * Unpacks packages into `root`, several at a time.
 *
 * @param {string} root - an empty or missing folder
 * @param {string} pool
 * @param {import('./apt.mjs').Package[]} packages
 * @param {(done: number) => void} [onPackage] - called with the count of finished packages
 */
export async function unpackPackages(root, pool, packages, onPackage = () => {}) {
  // The links of the merged /usr come first: every package may then say /bin or /usr/bin.
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    mkdirSync(join(root, 'usr', name), { recursive: true });
    symlinkSync(`usr/${name}`, join(root, name));
  }
  const tar = ['-x', '-C', root, '--keep-directory-symlink', '--no-same-owner', '--no-same-permissions'];
  const parameters = [...tar, ...excluded.map(pattern => `--exclude=${pattern}`)];
  // The largest first, so that the last seconds are not one large package alone.
  const queue = [...packages].sort((a, b) => b.size - a.size);
  let done = 0;
  onPackage(done);
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const script = 'set -o pipefail; umask 022; deb=$1; shift; dpkg-deb --fsys-tarfile "$deb" | tar "$@"';
      await runCommand('bash', ['-c', script, 'unpack', join(pool, next.file), ...parameters], {
        what: `Unpacking ${next.file}`
      });
      onPackage(++done);
    }
  };
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));
  finishRoot(root);
}

/** Folders that packages take for granted, and mount points. */
const folders = [
  'dev',
  'etc/ssl/certs',
  'home',
  'lib/modules',
  'mnt',
  'opt',
  'proc',
  'root',
  'run',
  'src',
  'sys',
  'tmp',
  'usr/local/bin',
  'usr/local/sbin',
  'var/cache',
  'var/lib',
  'var/log',
  'var/tmp'
];

/** Links that update-alternatives would have made: link to target, made when the target exists. */
const alternatives = {
  'usr/bin/awk': 'mawk',
  'usr/bin/cc': 'gcc',
  'usr/bin/editor': 'nano',
  'usr/bin/nc': 'nc.openbsd',
  'usr/bin/netcat': 'nc.openbsd',
  'usr/bin/pager': 'less',
  'usr/bin/which': 'which.debianutils'
};

const textFiles = {
  'etc/hostname': 'bpflab\n',
  'etc/hosts': '127.0.0.1\tlocalhost bpflab\n::1\tlocalhost ip6-localhost\n',
  'etc/nsswitch.conf':
    'passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nprotocols: files\nservices: files\n',
  'etc/resolv.conf': '',
  'etc/machine-id': '',
  'root/.bashrc':
    "PS1='\\u@\\h:\\w\\$ '\nalias ls='ls --color=auto' ll='ls -l' grep='grep --color=auto'\nexport LESS=-R\n"
};

/**
 * What maintainer scripts would have done.
 *
 * @param {string} root
 */
function finishRoot(root) {
  for (const name of folders) mkdirSync(join(root, name), { recursive: true });
  for (const name of ['passwd', 'group']) {
    const master = join(root, 'usr/share/base-passwd', `${name}.master`);
    if (existsSync(master)) cpSync(master, join(root, 'etc', name));
  }
  for (const [link, target] of Object.entries(alternatives)) {
    const there = existsSync(join(root, link));
    if (!there && existsSync(join(root, link, '..', target))) symlinkSync(target, join(root, link));
  }
  for (const [name, text] of Object.entries(textFiles)) writeFileSync(join(root, name), text);
  const profile = join(root, 'usr/share/base-files/profile');
  if (existsSync(profile)) cpSync(profile, join(root, 'etc/profile'));
  writeCertificates(root);
  for (const name of ['tmp', 'var/tmp']) chmodSync(join(root, name), 0o1777);
}

/** @param {string} root */
function writeCertificates(root) {
  const folder = join(root, 'usr/share/ca-certificates/mozilla');
  if (!existsSync(folder)) return;
  const files = readdirSync(folder).filter(name => name.endsWith('.crt') && statSync(join(folder, name)).isFile());
  const bundle = files.sort().map(name => readFileSync(join(folder, name), 'utf8').trimEnd());
  writeFileSync(join(root, 'etc/ssl/certs/ca-certificates.crt'), `${bundle.join('\n')}\n`);
}
