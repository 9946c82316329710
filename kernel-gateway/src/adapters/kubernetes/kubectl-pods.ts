import { Writable } from 'node:stream';
import type { KubectlCommand } from '../../core/kubectl/kubectl-command.js';
import type { KubectlIo } from '../../core/session/ports.js';
import { clusterError, type ClusterClient } from './cluster-client.js';
import { execCommand } from './exec-command.js';

/** What of a pod `logs` and `exec` read. */
export interface CommandPod {
  metadata?: { name?: string; namespace?: string };
  spec?: { containers?: { name?: string }[] };
}

/** The pods of a command, and what its output goes to. */
interface PodsAndIo {
  pods: readonly CommandPod[];
  io: KubectlIo;
}

interface Place {
  namespace: string;
  pod: string;
  container: string;
}

/** Where a command runs; without `-c` it is the first container. */
function placeOf({ metadata = {}, spec = {} }: CommandPod, { container }: KubectlCommand): Place {
  const { namespace = '', name = '' } = metadata;
  return { namespace, pod: name, container: container || (spec.containers?.[0]?.name ?? '') };
}

/**
 * `kubectl logs`: the logs of the pods one after the other; with `-f` until an abort.
 *
 * @returns the exit status
 * @throws LabError BPFLAB_CLUSTER_ACCESS, BPFLAB_CLUSTER_REQUEST, BPFLAB_CLUSTER_UNREACHABLE
 */
export async function showLogs(
  client: ClusterClient,
  command: KubectlCommand,
  { pods, io }: PodsAndIo
): Promise<number> {
  for (const pod of pods) await showLog(client, command, { place: placeOf(pod, command), io });
  return 0;
}

async function showLog(
  client: ClusterClient,
  command: KubectlCommand,
  { place, io }: { place: Place; io: KubectlIo }
): Promise<void> {
  const { Log } = await import('@kubernetes/client-node');
  const { namespace, pod, container } = place;
  const decoder = new TextDecoder();
  const sink = new Writable({
    write: (bytes: Buffer, _encoding, done) => {
      io.write(decoder.decode(bytes, { stream: true }), 'stdout');
      done();
    }
  });
  const ended = new Promise<void>(resolve => sink.on('close', resolve));
  const tail = command.tailLines === null ? {} : { tailLines: command.tailLines };
  const options = { follow: command.isFollowing, previous: command.isPrevious, ...tail };
  const reading = await new Log(client.config).log(namespace, pod, container, sink, options).catch((error: unknown) => {
    throw clusterError(client, `read the log of container "${container}" of pod "${namespace}/${pod}"`, error);
  });
  const abort = (): void => {
    reading.abort();
    sink.destroy();
  };
  io.signal.addEventListener('abort', abort, { once: true });
  if (io.signal.aborted) abort();
  await ended;
  io.signal.removeEventListener('abort', abort);
}

/**
 * `kubectl exec` in the first of the pods, without standard input.
 *
 * @returns the command's exit status; 1 when the connection ended before it was known
 * @throws LabError BPFLAB_CLUSTER_ACCESS, BPFLAB_CLUSTER_REQUEST, BPFLAB_CLUSTER_UNREACHABLE
 */
export async function execInPod(
  client: ClusterClient,
  command: KubectlCommand,
  { pods, io }: PodsAndIo
): Promise<number> {
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  const writer =
    (name: 'stdout' | 'stderr') =>
    (bytes: Uint8Array): void =>
      io.write(decoders[name].decode(bytes, { stream: true }), name);
  const status = await execCommand(client, {
    ...placeOf(pods[0] ?? {}, command),
    command: command.args,
    onStdout: writer('stdout'),
    onStderr: writer('stderr'),
    signal: io.signal
  });
  return status ?? 1;
}
