import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { listAgentPods } from '../adapters/kubernetes/agent-pods.js';
import { applyAgents, removeAgents } from '../adapters/kubernetes/cluster-agents.js';
import { openCluster } from '../adapters/kubernetes/cluster-client.js';
import { ExitStatus } from './exit-status.js';
import { runImageSteps } from './run-image-steps.js';

const manifests = fileURLToPath(new URL('../../../cluster/manifests', import.meta.url));
const WAIT_MS = 120_000;
const progress = (text: string): void => console.error(text);

/**
 * `bpflab cluster up|status|down|image`: agents on the nodes of the cluster that the kubeconfig names. Exit status 1 when
 * refused or failed; `status --json` prints `{ version: 1, context, agents: [{ node, name, isReady, reason }] }`.
 */
export function clusterCommand(): Command {
  const cluster = new Command('cluster').description(
    'puts agents on the nodes of a Kubernetes cluster, and removes them'
  );
  const withContext = (command: Command): Command =>
    command.option('--context <name>', 'context of the kubeconfig instead of the current one');
  withContext(cluster.command('up'))
    .description('applies the manifests and waits until every agent is ready; may be repeated')
    .requiredOption('--image <name>', 'lab image as the nodes know it: see "cluster image"')
    .action(async ({ context, image }: { context?: string; image: string }) => {
      const client = await openCluster(context ?? null);
      const agents = await applyAgents(client, { manifests, image, progress }, WAIT_MS);
      const nodes = agents.map(agent => agent.node).join(', ');
      console.log(`Cluster "${client.context}" is ready: ${nodes}. Use it with --target pod.`);
    });
  withContext(cluster.command('status'))
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
  withContext(cluster.command('down'))
    .description('removes what "up" has made')
    .action(async ({ context }: { context?: string }) => {
      await removeAgents(await openCluster(context ?? null), { manifests, progress }, WAIT_MS);
    });
  cluster
    .command('image')
    .description('packs the lab image for container runtimes, and prints the file and its name')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: true }) => runImageSteps(['archive', ...(json ? ['--json'] : [])]));
  return cluster;
}
