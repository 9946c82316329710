import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { V1Status } from '@kubernetes/client-node';
import type { CancelSignal } from '../../core/index.js';
import { clusterError, type ClusterClient } from './cluster-client.js';

/** A command in a container, and where its output goes. */
export interface ContainerCommand {
  namespace: string;
  pod: string;
  container: string;
  command: string[];
  onStdout: (bytes: Uint8Array) => void;
  onStderr: (bytes: Uint8Array) => void;
  signal: CancelSignal;
}

/**
 * Runs a command in a container, without standard input. An abort closes the connection; the command itself may go on, as
 * the API server cannot end it.
 *
 * @returns its exit status; null when the connection ended before it was known
 * @throws LabError BPFLAB_CLUSTER_ACCESS, BPFLAB_CLUSTER_REQUEST, BPFLAB_CLUSTER_UNREACHABLE
 */
export async function execCommand(client: ClusterClient, what: ContainerCommand): Promise<number | null> {
  const stdout = new PassThrough().on('data', what.onStdout);
  const stderr = new PassThrough().on('data', what.onStderr);
  const { namespace, pod, container, command } = what;
  let status: V1Status | null = null;
  const onStatus = (value: V1Status): void => void (status = value);
  const socket = await client
    .newExec()
    .exec(namespace, pod, container, command, stdout, stderr, null, false, onStatus)
    .catch((error: unknown) => {
      throw clusterError(client, `run a command in pod "${namespace}/${pod}"`, error);
    });
  const abort = (): void => socket.terminate();
  what.signal.addEventListener('abort', abort, { once: true });
  if (what.signal.aborted) abort();
  await new Promise<void>(resolve => {
    socket.onerror = () => undefined;
    socket.onclose = () => resolve();
  });
  // What came last may still wait in the streams.
  stdout.end();
  stderr.end();
  await Promise.all([finished(stdout), finished(stderr)]);
  what.signal.removeEventListener('abort', abort);
  return exitStatus(status, what.onStderr);
}

/** The API server says the status in words: `causes` has the number, and a command that cannot start has only a message. */
function exitStatus(status: V1Status | null, onStderr: (bytes: Uint8Array) => void): number | null {
  if (status === null) return null;
  if (status.status === 'Success') return 0;
  const code = status.details?.causes?.find(cause => cause.reason === 'ExitCode')?.message;
  if (code === undefined) onStderr(Buffer.from(`${status.message ?? 'it could not be started'}\n`));
  return code === undefined ? 126 : Number(code);
}
