import type { V1Node, V1Pod } from '@kubernetes/client-node';
import type { PodsQuery, SessionCluster } from '../../core/session/ports.js';
import { plainTable } from '../../core/session/plain-table.js';
import { listAgentPods, type AgentPod } from './agent-pods.js';
import { clusterError, openCluster, type ClusterClient } from './cluster-client.js';
import { DeployedObjects } from './deployed-objects.js';
import { Kubectl } from './run-kubectl.js';

interface Opened {
  client: ClusterClient;
  kubectl: Kubectl;
  deployed: DeployedObjects;
}

/**
 * The cluster of a kubeconfig's context (null: the current one) for one session. Nothing is read before it is used; whoever
 * makes it closes it, and what its `%%deploy` cells have made goes.
 */
export function createSessionCluster(context: string | null, session: string): SessionCluster {
  let opening: Promise<Opened> | null = null;
  const open = (): Promise<Opened> => {
    opening ??= openCluster(context).then(client => ({
      client,
      kubectl: new Kubectl(client),
      deployed: new DeployedObjects(client, session)
    }));
    // A kubeconfig that was wrong is read again by the next cell.
    opening.catch(() => (opening = null));
    return opening;
  };
  return {
    describeNodes: async () => describeNodes((await open()).client),
    describePods: async query => describePods((await open()).client, query),
    kubectl: async (command, io) => (await open()).kubectl.run(command, io),
    deploy: async request => (await open()).deployed.deploy(request),
    close: async () => {
      const opened = await opening?.catch(() => null);
      await opened?.deployed.close();
    }
  };
}

async function describeNodes(client: ClusterClient): Promise<string> {
  const [agents, nodes] = await Promise.all([
    listAgentPods(client),
    client.core.listNode().catch((error: unknown) => {
      throw clusterError(client, 'list the nodes', error);
    })
  ]);
  const rows = nodes.items.map(node => {
    const { nodeInfo } = node.status ?? {};
    const agent = agents.find(one => one.node === node.metadata?.name);
    return [
      node.metadata?.name ?? '',
      readyWord(node),
      nodeInfo?.kernelVersion ?? '',
      nodeInfo?.architecture ?? '',
      agentWord(agent),
      taintsOf(node)
    ];
  });
  return plainTable(['NODE', 'READY', 'KERNEL', 'ARCH', 'AGENT', 'TAINTS'], rows);
}

function readyWord(node: V1Node): string {
  const ready = node.status?.conditions?.find(condition => condition.type === 'Ready');
  const word = ready?.status === 'True' ? 'yes' : (ready?.reason ?? 'no');
  return node.spec?.unschedulable === true ? `${word}, cordoned` : word;
}

function agentWord(agent: AgentPod | undefined): string {
  if (agent === undefined) return 'none';
  return agent.isReady ? 'ready' : agent.reason;
}

function taintsOf(node: V1Node): string {
  return (node.spec?.taints ?? [])
    .map(({ key, value, effect }) => `${key}${value ? `=${value}` : ''}:${effect}`)
    .join(',');
}

async function describePods(client: ClusterClient, query: PodsQuery): Promise<string> {
  const namespace = query.namespace || client.namespace;
  const options = {
    ...(query.selector === '' ? {} : { labelSelector: query.selector }),
    ...(query.node === '' ? {} : { fieldSelector: `spec.nodeName=${query.node}` })
  };
  const list = query.isEverywhere
    ? client.core.listPodForAllNamespaces(options)
    : client.core.listNamespacedPod({ namespace, ...options });
  const where = query.isEverywhere ? 'all namespaces' : `namespace "${namespace}"`;
  const { items } = await list.catch((error: unknown) => {
    throw clusterError(client, `list the pods of ${where}`, error);
  });
  if (items.length === 0) return `There is no pod in ${where}.`;
  const rows = items.map(podRow);
  return plainTable(['POD', 'NODE', 'READY', 'STATE', 'ADDRESS', 'CONTAINERS'], rows);
}

function podRow({ metadata = {}, spec, status = {} }: V1Pod): string[] {
  const containers = spec?.containers ?? [];
  const { containerStatuses: statuses = [], phase = '', podIP = '' } = status;
  const ready = statuses.filter(one => one.ready).length;
  const waiting = statuses.map(one => one.state?.waiting?.reason).find(reason => reason !== undefined);
  return [
    `${metadata.namespace}/${metadata.name}`,
    spec?.nodeName ?? '',
    `${ready}/${containers.length}`,
    waiting ?? phase,
    podIP,
    containers.map(container => container.name).join(',')
  ];
}
