/** Debian packages for kind on a machine that has neither an engine nor an image for its nodes. */

/** Root file system of a node; bookworm, because its systemd also starts where control groups are of version 1. */
export const nodePackages = [
  ...['base-files', 'base-passwd', 'bash', 'ca-certificates', 'conntrack', 'coreutils', 'dash', 'debianutils'],
  ...['ethtool', 'findutils', 'grep', 'hostname', 'iproute2', 'iptables', 'kmod', 'libc-bin', 'mawk', 'mount'],
  ...['procps', 'sed', 'socat', 'systemd', 'tar', 'util-linux']
];

/** What kube-proxy needs in its image. */
export const proxyPackages = ['base-files', 'conntrack', 'dash', 'iptables', 'kmod', 'libc-bin'];

/** A Docker engine; only these two are unpacked, the libraries are this machine's. */
export const enginePackages = ['docker.io', 'docker-cli'];
