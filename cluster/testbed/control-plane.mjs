import { join } from 'node:path';
import { runCommand } from '../../bpf/image/run-command.mjs';
import { waitUntil } from './processes.mjs';
import { startProcess } from './processes.mjs';
import { writeKubeconfig } from './kubeconfig.mjs';

const READY_MS = 60_000;

/**
 * A run of kubectl as the cluster's administrator.
 *
 * @param {import('./layout.mjs').Layout} layout
 * @param {string[]} words
 * @param {{ input?: string }} [options]
 * @returns {Promise<string>} its output
 */
export async function kubectl(layout, words, options = {}) {
  const all = ['--kubeconfig', join(layout.state, 'admin.conf'), ...words];
  return String(await runCommand(join(layout.programs, 'kubectl'), all, { ...options, what: `kubectl ${words[0]}` }));
}

/**
 * Starts etcd, the API server, the controllers and the scheduler, bound to the cluster's bridge and to loopback.
 *
 * @param {import('./layout.mjs').Layout} layout
 */
export async function startControlPlane(layout) {
  const { state, programs, address, etcdPort } = layout;
  const pki = (/** @type {string} */ file) => join(state, 'pki', file);
  const start = (/** @type {string} */ name, /** @type {string[]} */ words) =>
    startProcess(state, { name, command: join(programs, name), words });
  for (const identity of ['admin', 'controller-manager', 'scheduler', 'proxy']) writeKubeconfig(layout, identity);
  const [client, peer] = [`http://127.0.0.1:${etcdPort}`, `http://127.0.0.1:${etcdPort + 1}`];
  start('etcd', [
    ...['--data-dir', join(state, 'etcd'), '--listen-client-urls', client, '--advertise-client-urls', client],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`],
    // A test cluster is thrown away: it need not survive a power cut.
    '--unsafe-no-fsync'
  ]);
  start('kube-apiserver', [
    `--etcd-servers=${client}`,
    ...[`--bind-address=${address}`, `--advertise-address=${address}`, `--secure-port=${layout.apiPort}`],
    `--service-cluster-ip-range=${layout.serviceRange}`,
    ...[`--client-ca-file=${pki('ca.crt')}`, `--kubelet-certificate-authority=${pki('ca.crt')}`],
    ...[`--tls-cert-file=${pki('apiserver.crt')}`, `--tls-private-key-file=${pki('apiserver.key')}`],
    `--kubelet-client-certificate=${pki('kubelet-client.crt')}`,
    `--kubelet-client-key=${pki('kubelet-client.key')}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--service-account-issuer=https://kubernetes.default.svc',
    ...[`--service-account-key-file=${pki('sa.pub')}`, `--service-account-signing-key-file=${pki('sa.key')}`],
    ...['--authorization-mode=Node,RBAC', '--enable-admission-plugins=NodeRestriction', '--allow-privileged=true']
  ]);
  await waitUntil(
    { what: 'The API server', timeoutMs: READY_MS, log: join(state, 'log/kube-apiserver.log') },
    async () => (await kubectl(layout, ['get', '--raw', '/readyz'])) === 'ok'
  );
  // Not before: without RBAC's objects the controllers end at once.
  start('kube-controller-manager', [
    ...identified(state, 'controller-manager'),
    ...[`--service-account-private-key-file=${pki('sa.key')}`, `--root-ca-file=${pki('ca.crt')}`],
    ...[`--cluster-signing-cert-file=${pki('ca.crt')}`, `--cluster-signing-key-file=${pki('ca.key')}`],
    ...['--use-service-account-credentials=true', '--allocate-node-cidrs=false'],
    `--secure-port=${etcdPort + 10}`
  ]);
  start('kube-scheduler', [...identified(state, 'scheduler'), `--secure-port=${etcdPort + 11}`]);
  const binding = ['--clusterrole=system:node-proxier', '--user=system:kube-proxy'];
  await kubectl(layout, ['create', 'clusterrolebinding', 'testbed-proxy', ...binding]);
}

/** Words that give a component its identity, and keep it from electing a leader among one. */
function identified(/** @type {string} */ state, /** @type {string} */ identity) {
  const file = join(state, `${identity}.conf`);
  return [
    ...[`--kubeconfig=${file}`, `--authentication-kubeconfig=${file}`, `--authorization-kubeconfig=${file}`],
    ...['--leader-elect=false', '--bind-address=127.0.0.1']
  ];
}
