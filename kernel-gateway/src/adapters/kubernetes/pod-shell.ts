import { PassThrough, Writable } from 'node:stream';
import type { V1Status } from '@kubernetes/client-node';
import { AGENT_CONTAINER, AGENT_NAMESPACE, findAgentPod } from './agent-pods.js';
import { clusterError, type ClusterClient } from './cluster-client.js';

/** A container of a pod. */
export interface ShellPlace {
  namespace: string;
  pod: string;
  container: string;
}

interface Size {
  rows: number;
  cols: number;
}

/** A shell on a pseudo-terminal of a container; the shape that the terminals of the Jupyter server want. */
export interface PodShell {
  onData(listener: (text: string) => void): void;
  onExit(listener: () => void): void;
  write(text: string): void;
  resize(rows: number, cols: number): void;
  kill(): void;
}

type Socket = Awaited<ReturnType<ReturnType<ClusterClient['newExec']>['exec']>>;

/** The best shell of an image; those without any say so themselves. */
const SHELL = ['/bin/sh', '-c', 'TERM=xterm-256color; export TERM; command -v bash >/dev/null && exec bash; exec sh'];

/**
 * A shell in a container, over the API server's exec. When its connection breaks, the terminal says so, and the next key begins
 * a new shell: the API server cannot give the old one back.
 *
 * @param client - the cluster
 * @param place - the container
 * @param size - of the terminal, in characters
 * @throws LabError BPFLAB_CLUSTER_ACCESS, BPFLAB_CLUSTER_REQUEST, BPFLAB_CLUSTER_UNREACHABLE
 */
export async function openPodShell(client: ClusterClient, place: ShellPlace, size: Size): Promise<PodShell> {
  const shell = new ExecShell(client, place, size);
  await shell.open();
  return shell;
}

/**
 * The container of a node's agent.
 *
 * @throws as `findAgentPod`
 */
export async function placeOfNode(client: ClusterClient, node: string): Promise<ShellPlace> {
  const { name } = await findAgentPod(client, node);
  return { namespace: AGENT_NAMESPACE, pod: name, container: AGENT_CONTAINER };
}

/** The library takes for a terminal whatever has rows and columns, and asks again at `resize`. */
class Screen extends Writable {
  rows: number;
  columns: number;
  readonly #decoder = new TextDecoder();
  readonly #onText: (text: string) => void;

  constructor({ rows, cols }: Size, onText: (text: string) => void) {
    super();
    this.rows = rows;
    this.columns = cols;
    this.#onText = onText;
  }

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.#onText(this.#decoder.decode(bytes, { stream: true }));
    done();
  }

  resize(rows: number, cols: number): void {
    this.rows = rows;
    this.columns = cols;
    this.emit('resize');
  }
}

class ExecShell implements PodShell {
  readonly #client: ClusterClient;
  readonly #place: ShellPlace;
  #size: Size;
  #stdin = new PassThrough();
  #screen: Screen | null = null;
  #socket: Socket | null = null;
  #early: string[] = [];
  #listener: ((text: string) => void) | null = null;
  readonly #exitListeners: (() => void)[] = [];
  #state: 'live' | 'broken' | 'opening' | 'gone' = 'opening';

  constructor(client: ClusterClient, place: ShellPlace, size: Size) {
    this.#client = client;
    this.#place = place;
    this.#size = size;
  }

  async open(): Promise<void> {
    const { namespace, pod, container } = this.#place;
    let status: V1Status | null = null;
    const onStatus = (value: V1Status): void => void (status = value);
    this.#stdin = new PassThrough();
    const screen = new Screen(this.#size, text => this.#show(text));
    this.#screen = screen;
    const socket = await this.#client
      .newExec()
      .exec(namespace, pod, container, SHELL, screen, null, this.#stdin, true, onStatus)
      .catch((error: unknown) => {
        throw clusterError(this.#client, `open a shell in pod "${namespace}/${pod}"`, error);
      });
    this.#socket = socket;
    this.#state = 'live';
    socket.onerror = () => undefined;
    socket.onclose = () => this.#closed(status);
  }

  onData(listener: (text: string) => void): void {
    this.#listener = listener;
    for (const text of this.#early.splice(0)) listener(text);
  }

  onExit(listener: () => void): void {
    this.#exitListeners.push(listener);
  }

  write(text: string): void {
    if (this.#state === 'live') this.#stdin.write(text);
    else if (this.#state === 'broken') void this.#reopen();
  }

  resize(rows: number, cols: number): void {
    this.#size = { rows, cols };
    this.#screen?.resize(rows, cols);
  }

  kill(): void {
    // Closing the terminal is what tells the shell: it gets end of file and a hang-up.
    const wasLive = this.#state === 'live';
    this.#gone();
    if (wasLive) this.#stdin.end('\u0004');
    this.#socket?.close();
  }

  #show(text: string): void {
    if (this.#listener) this.#listener(text);
    else this.#early.push(text);
  }

  #closed(status: V1Status | null): void {
    if (this.#state === 'gone') return;
    if (status !== null) {
      const isStarted = status.status === 'Success' || status.details?.causes !== undefined;
      if (!isStarted) this.#show(`\r\n${status.message ?? 'There is no shell.'}\r\n`);
      this.#gone();
      return;
    }
    this.#state = 'broken';
    this.#show('\r\n[The connection to the container broke. Press a key for a new shell.]\r\n');
  }

  async #reopen(): Promise<void> {
    this.#state = 'opening';
    try {
      await this.open();
    } catch (error) {
      this.#state = 'broken';
      this.#show(`\r\n${(error as Error).message}\r\n[Press a key to try again.]\r\n`);
    }
  }

  #gone(): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    for (const listener of this.#exitListeners) listener();
  }
}
