import type { AgentConnection } from '../../../core/index.js';
import type { NewView } from '../../../core/session/session-state.js';
import { podColumns } from '../../../core/pods/pod-columns.js';
import { EVERY_POD } from '../../../core/pods/pod-container.js';
import { PodIndex } from '../../../core/pods/pod-index.js';
import { RowStore } from '../../../core/store/row-store.js';
import { LabError } from '../../../protocol/index.js';
import type { LiveRun } from '../live-run.js';
import type { LiveView } from '../live-view.js';
import { runProcess } from '../run-process.js';
import type { SessionCore } from '../session-core.js';

/** Between two scans of a node: so long a new pod may be without its name at most, and so often a node is asked. */
const SCAN_EVERY_MS = 500;

/**
 * What `PodIndex.scan` reads. The numbers of processes are the machine's own only where the agent is in the first process
 * namespace (its inode is PROC_PID_INIT_INO, linux/proc_ns.h); in a node that is a container, as in kind, they would name others.
 */
const SCAN = `[ "$(readlink /proc/self/ns/pid)" = 'pid:[4026531836]' ] || echo nested
find /sys/fs/cgroup -fstype cgroup2 -type d -printf 'c %i %p\\n'
grep -sHm1 -E '[0-9a-f]{64}' /proc/[0-9]*/cgroup | sed -E 's#^/proc/([0-9]+)/cgroup:#p \\1 #'
find /proc/[0-9]*/ns/net /proc/[0-9]*/ns/mnt -printf '%p %l\\n' 2>/dev/null |
  sed -E 's#^/proc/([0-9]+)/ns/(.)[a-z]+ [a-z]+:\\[([0-9]+)\\]#\\2 \\1 \\3#'
:`;

interface Named {
  view: string;
  run: LiveRun;
  changed: () => void;
}

/** Names of pods for the views of one connection to a node, as long as one of their runs lives. */
class PodNames {
  readonly index = new PodIndex();
  readonly #core: SessionCore;
  readonly #named = new Set<Named>();
  #followed: { containers: Parameters<PodIndex['know']>[0]; close(): void } | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isScanning = false;
  #isChanged = true;

  constructor(core: SessionCore) {
    this.#core = core;
  }

  add(named: Named): void {
    this.#named.add(named);
    this.#isChanged = true;
    void named.run.ended.then(() => {
      this.#named.delete(named);
      if (this.#named.size === 0) this.#stop();
    });
    if (this.#timer !== null) return;
    this.#timer = setInterval(() => void this.#look(), SCAN_EVERY_MS);
    this.#timer.unref();
    void this.#follow();
  }

  #stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#followed?.close();
    this.#followed = null;
  }

  async #follow(): Promise<void> {
    try {
      const followed = await this.#core.options.pods.follow(EVERY_POD, () => (this.#isChanged = true));
      if (this.#timer === null) followed.close();
      else this.#followed = followed;
      await this.#look();
    } catch (error) {
      // Without leave to read pods there are no names; the events are there all the same.
      if (!(error instanceof LabError)) throw error;
    }
  }

  /** Scans the node when a container is new, or when somebody read a number that nothing is known of. */
  async #look(): Promise<void> {
    const [first] = this.#named;
    if (this.#followed === null || this.#isScanning || first === undefined) return;
    const isNew = this.#isChanged && this.index.know(this.#followed.containers);
    this.#isChanged = false;
    if (!isNew && this.index.misses === 0) return;
    this.#isScanning = true;
    try {
      this.index.scan(await this.#scan(first.run));
      for (const { view, changed } of this.#named) {
        changed();
        this.#core.viewChanged(view);
      }
    } catch (error) {
      // The run or its target ended meanwhile.
      if (!(error instanceof LabError)) throw error;
    } finally {
      this.#isScanning = false;
    }
  }

  async #scan(run: LiveRun): Promise<string> {
    const parts: Uint8Array[] = [];
    const { exited } = await runProcess(this.#core, {
      run,
      argv: ['bash', '-c', SCAN],
      stdin: new Uint8Array(0),
      onStdout: bytes => void parts.push(bytes.slice()),
      onStderr: () => undefined
    });
    await exited;
    return Buffer.concat(parts).toString('latin1');
  }
}

const byConnection = new WeakMap<AgentConnection, PodNames>();

/**
 * Gives the rows of a view namespace, pod, container, labels and node where they carry a number that names one
 * (docs/reference/pods.md), on a node of a cluster.
 */
export function namePods(core: SessionCore, view: NewView, live: LiveView): void {
  const { store } = live;
  const run = core.runs.get(view.run);
  const target = core.state.runs.get(view.run)?.target ?? '';
  const isNode = /^pod(:|$)/.test(target) && run?.connection.nodes === undefined;
  if (run === undefined || !isNode || !(store instanceof RowStore)) return;
  const names = byConnection.get(run.connection) ?? new PodNames(core);
  const before = store.columns.length;
  const added = store.addColumns(columns => podColumns(columns, names.index, view.kind === 'events' ? '' : view.title));
  if (store.columns.length === before) return;
  byConnection.set(run.connection, names);
  names.add({ view: view.id, run, changed: () => added.changed() });
}
