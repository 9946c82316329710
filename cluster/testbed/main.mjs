/**
 * `node cluster/testbed/main.mjs up|down|status`: a real Kubernetes on this machine, out of the published Go modules, in
 * network namespaces of its own. For tests and for trying things: root only, no packet leaves the machine.
 * Options: --nodes N, --vm (one node more, in QEMU, with Debian's kernel), --number N (0 to 7: clusters side by side),
 * --image ARCHIVE (repeatable; given to every node).
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheRoot } from '../../bpf/image/cache.mjs';
import { withFileLock } from '../../bpf/image/file-lock.mjs';
import { readInstalledFile } from '../../bpf/image/installed-file.mjs';
import { Progress } from '../../bpf/image/progress.mjs';
import { runCommand } from '../../bpf/image/run-command.mjs';
import { StepError } from '../../bpf/image/step-error.mjs';
import { buildComponents } from './build-components.mjs';
import { makeCertificates } from './certificates.mjs';
import { kubectl, startControlPlane } from './control-plane.mjs';
import { endCluster } from './end-cluster.mjs';
import { layoutOf, nodeLayout, vmNodeLayout } from './layout.mjs';
import { keepMachineSettings } from './machine-settings.mjs';
import { makeNetwork, startNode } from './node.mjs';
import { buildPauseImage } from './pause-image.mjs';
import { runningProcesses } from './processes.mjs';
import { buildVmNodeFiles } from './vm-node-files.mjs';
import { startVmNode } from './vm-node.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    nodes: { type: 'string', default: '1' },
    vm: { type: 'boolean', default: false },
    number: { type: 'string', default: '0' },
    image: { type: 'string', multiple: true, default: [] }
  }
});
const cache = cacheRoot();
const progress = new Progress();
const state = join('/run', `bpftest${values.number}`);

async function layout() {
  return layoutOf({ number: Number(values.number), state, programs: await buildComponents({ cache, progress }) });
}

/** kube-proxy and the pods' network need it; without it a node would never become ready, and only its log would say why. */
async function needIptables() {
  try {
    await runCommand('iptables', ['--version'], { what: 'iptables' });
  } catch (error) {
    throw new StepError('BPFLAB_CONFIG_OPTION', 'This machine has no iptables, which a node of a cluster needs.', {
      hint: 'Install it: apt-get install iptables.',
      cause: error
    });
  }
}

/** What set-up has made for the virtual machines of sessions, and the disk that a node needs besides. */
async function vmNodeParts(/** @type {string} */ programs) {
  const { tools, lab, kernels, default_kernel: chosen } = readInstalledFile(cache);
  const kernel = kernels?.find(({ release }) => release === chosen);
  if (!tools || !lab || !kernel)
    throw new StepError('BPFLAB_IMAGE_MISSING', 'The virtual machine of --vm was never set up on this machine.');
  const files = await buildVmNodeFiles({ cache, programs, toolsRoot: tools.root, progress });
  return { toolsRoot: tools.root, lab: lab.erofs, kernel, files };
}

async function up() {
  await needIptables();
  const chosen = await layout();
  const count = Number(values.nodes);
  if (!Number.isInteger(count) || count < 1 || count > 3)
    throw new StepError('BPFLAB_CONFIG_OPTION', `A test cluster has 1 to 3 nodes, not "${values.nodes}".`);
  if (runningProcesses(state).size > 0)
    throw new StepError('BPFLAB_CONFIG_OPTION', `Test cluster ${values.number} is up already.`, {
      hint: 'Take it down first: node cluster/testbed/main.mjs down.'
    });
  const vm = values.vm ? [{ node: vmNodeLayout(chosen), parts: await vmNodeParts(chosen.programs) }] : [];
  // What a killed start left.
  await endCluster(chosen);
  mkdirSync(state, { recursive: true, mode: 0o700 });
  keepMachineSettings(state);
  const ownNodes = Array.from({ length: count }, (_, index) => nodeLayout(chosen, index + 1));
  const nodes = [...ownNodes, ...vm.map(({ node }) => node)];
  const step = progress.step('Test cluster');
  try {
    step.update('certificates');
    const [pause] = await Promise.all([buildPauseImage(cache), makeCertificates(chosen, nodes), makeNetwork(chosen)]);
    step.update('control plane');
    await startControlPlane(chosen);
    step.update('nodes');
    const images = [pause, ...values.image];
    const othersOf = (/** @type {typeof nodes[number]} */ node) => nodes.filter(other => other !== node);
    await Promise.all([
      ...ownNodes.map(node => startNode(chosen, { node, others: othersOf(node), images })),
      ...vm.map(({ node, parts }) => startVmNode(chosen, { node, others: othersOf(node), images, parts }))
    ]);
    step.done(`${nodes.length} node${nodes.length === 1 ? '' : 's'}, KUBECONFIG=${join(state, 'admin.conf')}`);
  } catch (error) {
    step.failed();
    if (process.env['BPFTEST_KEEP'] === undefined) await endCluster(chosen);
    throw error;
  }
}

async function down() {
  await endCluster(await layout());
  rmSync(`${state}.lock`, { force: true });
}

async function status() {
  if (!existsSync(join(state, 'admin.conf'))) {
    process.stdout.write(`Test cluster ${values.number} is not up.\n`);
    process.exitCode = 1;
    return;
  }
  process.stdout.write(await kubectl(await layout(), ['get', 'nodes', '-o', 'wide']));
}

/** @type {Record<string, () => Promise<void>>} */
const commands = { up, down, status };

try {
  const command = commands[positionals[0] ?? ''];
  if (!command) throw new StepError('BPFLAB_CONFIG_OPTION', `Say up, down or status, not "${positionals.join(' ')}".`);
  if (process.getuid?.() !== 0)
    throw new StepError('BPFLAB_CONFIG_OPTION', 'A test cluster makes network namespaces: only root may.');
  await withFileLock(`${state}.lock`, holder => progress.note(`Waiting for process ${holder} …`), command);
} catch (error) {
  progress.close();
  if (!(error instanceof StepError)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n${error.hint}\n${error.details ? `${error.details}\n` : ''}`);
  process.exitCode = 1;
}
progress.close();
