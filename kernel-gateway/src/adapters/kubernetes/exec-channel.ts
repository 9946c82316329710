import { PassThrough } from 'node:stream';
import type { V1Status } from '@kubernetes/client-node';
import type { AgentChannel } from '../../core/index.js';
import { StreamChannel } from '../channel/stream-channel.js';
import { AGENT_CONTAINER, AGENT_NAMESPACE, type AgentPod } from './agent-pods.js';
import { withPatience } from './with-patience.js';
import { clusterError, type ClusterClient } from './cluster-client.js';

const STDERR_CHARS = 4096;
/** A socket whose other end is gone may never say so; the frames' own heartbeat then ends the channel. */
const CLOSE_TIMEOUT_MS = 2000;
/** Bytes of the agent that wait for a reader; frames are taken as they come. */
const BUFFER_BYTES = 1024 * 1024;

/**
 * Runs `bpflab-agent connect` in an agent's container: a channel over the API server's exec, protocol v5 or v4. Messages
 * carry their length, so an end of stdin is never relied on (v4 has none).
 *
 * @param client - the cluster
 * @param pod - whose agent is meant
 * @param words - behind `bpflab-agent connect`
 * @throws LabError BPFLAB_CLUSTER_ACCESS, BPFLAB_CLUSTER_REQUEST, BPFLAB_CLUSTER_UNREACHABLE
 */
export async function openExecChannel(client: ClusterClient, pod: AgentPod, words: string[]): Promise<AgentChannel> {
  const stdin = new PassThrough();
  const stdout = new PassThrough({ highWaterMark: BUFFER_BYTES });
  const stderr = new PassThrough();
  let said = '';
  let status: V1Status | null = null;
  stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-STDERR_CHARS)));
  const command = ['/usr/bin/bpflab-agent', 'connect', ...words];
  const onStatus = (value: V1Status): void => void (status = value);
  const socket = await withPatience(() =>
    client.newExec().exec(AGENT_NAMESPACE, pod.name, AGENT_CONTAINER, command, stdout, stderr, stdin, false, onStatus)
  ).catch((error: unknown) => {
    throw clusterError(client, `reach the agent of node "${pod.node}"`, error);
  });
  const ended = new Promise<string>(resolve => {
    socket.onerror = () => undefined;
    socket.onclose = () => {
      stdout.end();
      stdin.destroy();
      resolve(reasonOf(pod, status, said));
    };
  });
  const end = (): void => {
    stdin.end();
    const timer = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS);
    socket.close();
    void ended.then(() => clearTimeout(timer));
  };
  return new StreamChannel({ readable: stdout, writable: stdin, ended, end });
}

function reasonOf(pod: AgentPod, status: V1Status | null, said: string): string {
  const where = `the connection to the agent of node "${pod.node}"`;
  const lastLine = said.trim().split('\n').at(-1) ?? '';
  if (lastLine !== '') return `${where} ended: ${lastLine}`;
  if (status?.status === 'Failure') return `${where} ended: ${(status.message ?? '').replace(/\.$/, '')}`;
  return `${where} broke`;
}
