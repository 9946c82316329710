/** Keys and certificates of a test cluster, made by openssl: elliptic curves, half a second in all. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../bpf/image/run-command.mjs';

const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const days = ['-days', '3650'];

/**
 * @param {import('./layout.mjs').Layout} layout
 * @param {import('./layout.mjs').NodeLayout[]} nodes
 * @returns {Promise<string>} folder with `ca.crt`, a .crt and .key for each name, and `sa.key`, `sa.pub`
 */
export async function makeCertificates(layout, nodes) {
  const folder = join(layout.state, 'pki');
  mkdirSync(folder, { recursive: true });
  const openssl = (/** @type {string[]} */ words) => runCommand('openssl', words, { cwd: folder, what: 'openssl' });
  await openssl(['req', '-x509', ...curve, ...days, '-subj', '/CN=ca', '-keyout', 'ca.key', '-out', 'ca.crt']);
  const service = layout.serviceRange.replace('.0.0/16', '.0.1');
  const server = `DNS:localhost,DNS:kubernetes,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:${layout.address},IP:${service}`;
  /** @type {[file: string, subject: string, names: string][]} */
  const wanted = [
    ['apiserver', '/CN=kube-apiserver', server],
    ['admin', '/O=system:masters/CN=admin', 'DNS:admin'],
    ['controller-manager', '/CN=system:kube-controller-manager', 'DNS:controller-manager'],
    ['scheduler', '/CN=system:kube-scheduler', 'DNS:scheduler'],
    ['proxy', '/CN=system:kube-proxy', 'DNS:proxy'],
    ['kubelet-client', '/O=system:masters/CN=kubelet-client', 'DNS:kubelet-client'],
    ...nodes.map(
      ({ name, address }) =>
        /** @type {[string, string, string]} */ ([
          name,
          `/O=system:nodes/CN=system:node:${name}`,
          `DNS:${name},IP:${address}`
        ])
    )
  ];
  await Promise.all(
    wanted.map(async ([file, subject, names]) => {
      await openssl(['req', ...curve, '-subj', subject, '-keyout', `${file}.key`, '-out', `${file}.csr`]);
      writeFileSync(join(folder, `${file}.ext`), `subjectAltName=${names}\nextendedKeyUsage=serverAuth,clientAuth\n`);
      const authority = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-extfile', `${file}.ext`];
      await openssl(['x509', '-req', ...days, '-in', `${file}.csr`, ...authority, '-out', `${file}.crt`]);
    })
  );
  await openssl(['genrsa', '-out', 'sa.key', '2048']);
  await openssl(['rsa', '-in', 'sa.key', '-pubout', '-out', 'sa.pub']);
  return folder;
}
