/** What the images are made of. A name may carry a suite: `bpftool/trixie-backports`. Architecture: amd64. */

/** What Debian takes for granted: a shell, its tools, users and groups. */
const base = [
  'base-files',
  'base-passwd',
  'bash',
  'coreutils',
  'dash',
  'debianutils',
  'diffutils',
  'findutils',
  'grep',
  'gzip',
  'hostname',
  'libc-bin',
  'login',
  'mawk',
  'mount',
  'ncurses-base',
  'ncurses-bin',
  'perl-base',
  'sed',
  'tar',
  'util-linux'
];

/** What the host would otherwise have to install. */
export const toolsPackages = [
  'base-files',
  'base-passwd',
  'bubblewrap',
  'busybox-static',
  'ca-certificates',
  'coreutils',
  'dash',
  'erofs-utils',
  'kmod',
  'libc-bin',
  'lz4',
  'qemu-system-x86',
  'xz-utils',
  'zstd'
];

/** Compile sandbox, guest and pod. bpftool is 7.N of the same kernel source that libbpf 1.N is built from. */
export const labPackages = [
  ...base,
  'bpfcc-tools',
  'bpftool/trixie-backports',
  'bpftrace',
  'busybox-static',
  'ca-certificates',
  'clang',
  'clang-format',
  'curl',
  'ethtool',
  'file',
  'gcc',
  'iperf3',
  'iproute2',
  'iputils-ping',
  'jq',
  'kmod',
  'less',
  'libc6-dev',
  'libclang-rt-19-dev',
  'libelf-dev',
  'libjansson-dev',
  'libzstd-dev',
  'linux-libc-dev/trixie-backports',
  'llvm',
  'make',
  'nano',
  'netbase',
  'netcat-openbsd',
  'openssl',
  'pahole',
  'pkgconf',
  'procps',
  'psmisc',
  'python3',
  'python3-bpfcc',
  'socat',
  'strace',
  'tcpdump',
  'zlib1g-dev'
];

/** What `image add` puts into the lab image for those who want it. @type {Record<string, string[]>} */
export const labLayers = {
  go: ['golang-go'],
  java: ['default-jdk-headless'],
  rust: ['cargo', 'rustc']
};

/** The kernel's source as one package; only its libbpf is unpacked. */
export const kernelSourcePackages = ['linux-source/trixie-backports'];
