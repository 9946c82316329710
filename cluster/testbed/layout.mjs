import { join } from 'node:path';

/**
 * Names, addresses and ports of one test cluster. Two clusters of one machine have different numbers, and then share
 * nothing. The addresses are of ranges for documentation (RFC 5737) and for measurements (RFC 2544): no packet to them
 * leaves the machine.
 *
 * @typedef {object} Layout
 * @property {string} name - of bridge, control groups and network namespaces
 * @property {string} state - folder of everything that the cluster writes
 * @property {string} programs - folder that buildComponents made
 * @property {string} network - first three numbers of the nodes' addresses
 * @property {string} address - of the control plane
 * @property {string} bridge
 * @property {number} apiPort
 * @property {number} etcdPort - etcd's; the next one is for its peers, 10 and 11 further for controllers and scheduler
 * @property {string} podRange - all pods
 * @property {string} serviceRange
 */

const networks = ['198.51.100', '203.0.113', '192.0.2', '198.18.3', '198.18.4', '198.18.5', '198.18.6', '198.18.7'];

/**
 * @param {{ number: number, state: string, programs: string }} options - number: 0 to 7
 * @returns {Layout}
 */
export function layoutOf({ number, state, programs }) {
  const network = networks[number];
  if (network === undefined) throw new RangeError(`There is no test cluster ${number}.`);
  return {
    name: `bpftest${number}`,
    state,
    programs,
    network,
    address: `${network}.1`,
    bridge: `bpftest${number}`,
    apiPort: 6443,
    etcdPort: 12_379 + number * 100,
    podRange: `10.${244 + number}.0.0/16`,
    serviceRange: `10.${96 + number}.0.0/16`
  };
}

/**
 * One node.
 *
 * @typedef {object} NodeLayout
 * @property {number} number
 * @property {string} name - in Kubernetes
 * @property {string} address
 * @property {string} podRange
 * @property {string} namespace - network namespace
 * @property {string} group - control group, below each hierarchy's root
 * @property {string} link - our end of its network cable
 * @property {string} folder
 */

/** Number of the node with a kernel of its own; those of this machine's kernel come before it. */
const VM_NUMBER = 9;

/**
 * @param {Layout} layout
 * @param {number} number - from 1
 * @param {string} [name]
 * @returns {NodeLayout}
 */
export function nodeLayout(layout, number, name = `node${number}`) {
  return {
    number,
    name,
    address: `${layout.network}.${10 + number}`,
    podRange: layout.podRange.replace('.0.0/16', `.${number}.0/24`),
    namespace: `${layout.name}-${number}`,
    group: `${layout.name}-${number}`,
    link: `${layout.name}-${number}`,
    folder: join(layout.state, name)
  };
}

/** The node with a kernel of its own. */
export const vmNodeLayout = (/** @type {Layout} */ layout) => nodeLayout(layout, VM_NUMBER, 'vm-1');
