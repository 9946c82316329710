import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import { listAgentPods } from '../adapters/kubernetes/agent-pods.js';
import { auditTable } from '../core/policy/audit-table.js';
import { readAuditLines } from '../adapters/kubernetes/read-audit.js';
import { readClusterPolicy } from '../adapters/kubernetes/node-policy.js';
import { openCluster } from '../adapters/kubernetes/cluster-client.js';
import { clusterDown, clusterUp, pushLabImage, type ClusterUpOptions } from './cluster-up.js';
import { ExitStatus } from './exit-status.js';
import { runImageSteps } from './run-image-steps.js';

const manifests = fileURLToPath(new URL('../../../cluster/manifests', import.meta.url));
const progress = (text: string): void => console.error(text);
const MAX_WORKERS = 20;

/**
 * `bpflab cluster up|status|down|policy|audit|image`: agents on the nodes of the cluster that the kubeconfig names, or of a kind cluster that
 * is made for it. Exit status 1 when refused or failed; `status --json` prints
 * `{ version: 1, context, agents: [{ node, name, isReady, reason }] }`, `audit --json` `{ version: 1, lines }` (`AuditLine`).
 */
export function clusterCommand(): Command {
  return new Command('cluster')
    .description('puts agents on the nodes of a Kubernetes cluster, and removes them')
    .addCommand(upCommand())
    .addCommand(statusCommand())
    .addCommand(downCommand())
    .addCommand(policyCommand())
    .addCommand(auditCommand())
    .addCommand(imageCommand());
}

const withContext = (command: Command): Command =>
  command.option('--context <name>', 'context of the kubeconfig instead of the current one');

const withKind = (command: Command): Command =>
  command.option('--kind [name]', 'the kind cluster of that name (bpflab); "up" makes it');

function upCommand(): Command {
  return withKind(withContext(new Command('up')))
    .description('applies the manifests and waits until every agent is ready; may be repeated')
    .option('--workers <number>', 'worker nodes of a kind cluster that is made', parseWorkers, 2)
    .option('--node-image <name>', "image of a kind cluster's nodes, when kind's own cannot be fetched")
    .option('--image <name>', 'lab image as the nodes know it already')
    .option('--push <ref>', 'put the lab image into a registry, HOST/NAME[:TAG], from which the nodes fetch it')
    .addOption(
      new Option('--profile <name>', "what the agents' pods may do on their nodes")
        .choices(['privileged', 'minimal-caps'])
        .default('privileged')
    )
    .option('--labeled-nodes', 'only nodes with the label bpflab=on get an agent')
    .option('--policy <file>', 'who may use which nodes for what, and how much of them: YAML or JSON')
    .action(async (options: ClusterUpOptions) => {
      const { context, agents } = await clusterUp(options, { manifests, progress });
      const nodes = agents.map(agent => agent.node).join(', ');
      console.log(`Cluster "${context}" is ready: ${nodes}. Use it with --target pod.`);
    });
}

function statusCommand(): Command {
  return withContext(new Command('status'))
    .description('the agents of the cluster, by node')
    .option('--json', 'as JSON')
    .action(async ({ context, json }: { context?: string; json?: true }) => {
      const client = await openCluster(context ?? null);
      const agents = await listAgentPods(client);
      if (json) console.log(JSON.stringify({ version: 1, context: client.context, agents }));
      else if (agents.length === 0) console.log(`Cluster "${client.context}" has no agents.`);
      else for (const { node, isReady, reason } of agents) console.log(`${node}  ${isReady ? 'ready' : reason}`);
      process.exitCode = agents.length > 0 && agents.every(agent => agent.isReady) ? ExitStatus.ok : ExitStatus.failed;
    });
}

function downCommand(): Command {
  return withKind(withContext(new Command('down')))
    .description('removes what "up" has made, and nothing else')
    .action((options: Pick<ClusterUpOptions, 'context' | 'kind'>) => clusterDown(options, { manifests, progress }));
}

function policyCommand(): Command {
  return withContext(new Command('policy'))
    .description('the policy that the agents hold to, as JSON')
    .action(async ({ context }: { context?: string }) => {
      const policy = await readClusterPolicy(await openCluster(context ?? null));
      console.log(policy ?? 'There is none: who may exec into the agents may do everything.');
    });
}

function auditCommand(): Command {
  return withContext(new Command('audit'))
    .description('who loaded what, where, when and for how long, as the logs of the agents have it')
    .option('--since <time>', 'only this far back, such as 30m, 12h or 7d', parseSince)
    .option('--json', 'every line as it is')
    .action(async ({ context, since, json }: { context?: string; since?: number; json?: true }) => {
      const lines = await readAuditLines(await openCluster(context ?? null), since ?? null);
      console.log(json ? JSON.stringify({ version: 1, lines }) : auditTable(lines));
    });
}

function parseSince(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const seconds = { s: 1, m: 60, h: 3600, d: 86_400 }[unit];
  if (seconds === undefined) throw new InvalidArgumentError('It is a number with s, m, h or d.');
  return Number(count) * seconds;
}

function imageCommand(): Command {
  return new Command('image')
    .description('packs the lab image for container runtimes, and prints the file and its name')
    .option('--push <ref>', 'put it into a registry instead, HOST/NAME[:TAG], and print its name by digest')
    .option('--json', 'as JSON')
    .action(async ({ json, push }: { json?: true; push?: string }) => {
      if (push === undefined) return runImageSteps(['archive', ...(json ? ['--json'] : [])]);
      const image = await pushLabImage(push, progress);
      console.log(json ? JSON.stringify({ version: 1, image }) : image);
    });
}

function parseWorkers(text: string): number {
  const workers = Number(text);
  if (!/^\d+$/.test(text) || workers < 1 || workers > MAX_WORKERS)
    throw new InvalidArgumentError(`It is a number from 1 to ${MAX_WORKERS}.`);
  return workers;
}
