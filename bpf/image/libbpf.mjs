/**
 * libbpf as a static library with its headers, from the kernel source package that also made the image's bpftool:
 * a bpftool newer than libbpf writes skeletons that do not compile (bpf_map_skeleton.link), so both come as a pair.
 */
import { cpSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './run-command.mjs';
import { runInImage } from './sandbox.mjs';

/** What libbpf's Makefile reads, as members of the source archive. */
const members = [
  'tools/lib/bpf/*',
  'tools/lib/*.c',
  'tools/build/*',
  'tools/include/*',
  'tools/scripts/*',
  'tools/arch/x86/include/*',
  'scripts/bpf_doc.py',
  'include/uapi/linux/*'
];

/**
 * Unpacks the part of the kernel source that libbpf needs.
 *
 * @param {string} deb - a linux-source-N.N package
 * @param {string} folder - an existing folder
 */
export async function unpackLibbpfSource(deb, folder) {
  // 1.5 GB come out of the inner archive, of which 15 MB are kept; xz is the cost, 6 s on two cores.
  const script = [
    'set -o pipefail; deb=$1; shift',
    'dpkg-deb --fsys-tarfile "$deb" | tar -xO --wildcards \'./usr/src/linux-source-*.tar.xz\' |',
    'xz -dc -T0 | tar -x --no-same-owner --strip-components=1 --wildcards "$@"'
  ].join('\n');
  const patterns = members.map(member => `linux-source-*/${member}`);
  await runCommand('bash', ['-c', script, 'unpack', deb, '-C', folder, ...patterns], {
    what: 'Unpacking the kernel source'
  });
}

/**
 * Builds libbpf in the lab image and installs library, headers and libbpf.pc below `out`/usr.
 *
 * @param {{ toolsRoot: string, image: string, source: string, out: string }} place - image: root with compiler and headers
 */
export async function buildLibbpf({ toolsRoot, image, source, out }) {
  mkdirSync(out, { recursive: true });
  const make = [
    'make',
    '-s',
    `-j${availableParallelism()}`,
    '-C',
    '/src/tools/lib/bpf',
    'OUTPUT=/src/build/',
    'prefix=/usr',
    'libdir=/usr/lib/x86_64-linux-gnu',
    'DESTDIR=/mnt',
    'EXTRA_CFLAGS=-O2 -g1',
    '/src/build/libbpf.a',
    'install_headers',
    'install_pkgconfig'
  ];
  mkdirSync(join(source, 'build'), { recursive: true });
  await runInImage(toolsRoot, { image, binds: { [source]: '/src', [out]: '/mnt' }, cwd: '/src' }, make, {
    what: 'Building libbpf'
  });
  const libraries = join(out, 'usr/lib/x86_64-linux-gnu');
  mkdirSync(libraries, { recursive: true });
  cpSync(join(source, 'build/libbpf.a'), join(libraries, 'libbpf.a'));
}
