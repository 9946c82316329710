/** What a session needs from the world; implemented by adapters, given by main. */
import type {
  AgentEvent,
  AgentHello,
  InspectAnswers,
  InspectRequest,
  LanguageAnswers,
  LanguageAsk,
  Request,
  Result,
  Verb
} from '../../protocol/index.js';
import type { CompletionItem } from '../language/completion.js';
import type { ConnectedNodes, NodeSource } from '../nodes/connected-nodes.js';
import type { KubectlCommand } from '../kubectl/kubectl-command.js';
import type { EVERY_POD, PodContainer, PodSelection } from '../pods/pod-container.js';
import type { CancelSignal } from './cancel-signal.js';

/** A place with a kernel, as a duplex byte stream to its agent. Whoever opens it closes it. */
export interface AgentChannel {
  /** Writes bytes; resolves when more may be written. Rejects with BPFLAB_TARGET_LOST when the target is gone. */
  write(bytes: Uint8Array): Promise<void>;
  /** Called with bytes as they come; the array is the listener's to keep. */
  onData(listener: (bytes: Uint8Array) => void): void;
  /** Called once, with one sentence, when the other side is gone for good. */
  onClose(listener: (reason: string) => void): void;
  close(): Promise<void>;
}

/** Opens channels to one kind of target; `progress` narrates in one sentence. */
export interface TargetProvider {
  readonly name: 'vm' | 'host' | 'replay' | 'pod';
  open(options: {
    session: string;
    kernel: string | null;
    /** Memory of its machine, where it has one of its own; absent: the usual. */
    memoryMib?: number;
    signal: CancelSignal;
    progress: (text: string) => void;
  }): Promise<AgentChannel>;
  /** One line for %target. */
  describe(): string;
  /** A target of many nodes: each is opened by itself, and `open` is not used. */
  readonly nodes?: NodeSource<AgentChannel>;
}

/** The pods of a cluster, as a session uses them. */
export interface PodSource {
  /**
   * Finds the containers of a selection, and tells of every change until it is closed.
   *
   * @throws LabError BPFLAB_CLUSTER_CONFIG and what the API server refuses
   */
  follow(
    selection: PodSelection | typeof EVERY_POD,
    onChange: (containers: PodContainer[]) => void
  ): Promise<{
    containers: PodContainer[];
    close(): void;
  }>;
}

/** What `%pods` shows. Empty texts choose nothing by that; without a namespace it is the context's. */
export interface PodsQuery {
  namespace: string;
  isEverywhere: boolean;
  selector: string;
  node: string;
}

/** Text that comes with a command, where its output goes, and what interrupts it. */
export interface KubectlIo {
  input: string;
  write(text: string, name: 'stdout' | 'stderr'): void;
  signal: CancelSignal;
}

/** Objects to apply, as YAML; what the same name made before is replaced. */
export interface DeployRequest {
  name: string;
  text: string;
  timeoutMs: number;
  signal: CancelSignal;
  progress: (text: string) => void;
}

/** The cluster of the kubeconfig, for the cells of one session. Its credential stays behind this. All throw LabError. */
export interface SessionCluster {
  /** A table of the nodes: kernel, agent, taints. */
  describeNodes(): Promise<string>;
  describePods(query: PodsQuery): Promise<string>;
  /** Does a command; resolves with its exit status. */
  kubectl(command: KubectlCommand, io: KubectlIo): Promise<number>;
  /** Applies and waits until it is ready. */
  deploy(request: DeployRequest): Promise<void>;
  /** Removes what was deployed. */
  close(): Promise<void>;
}

/** Frames over a channel: requests with replies, streams with credit, heartbeat. Implemented by adapters/agent. */
export interface AgentConnection {
  readonly hello: AgentHello;
  /** The nodes behind a connection to many; absent: one. */
  readonly nodes?: ConnectedNodes;
  request<V extends Verb>(verb: V, fields: Omit<Extract<Request, { verb: V }>, 'id' | 'verb'>): Promise<Result<V>>;
  /** A fresh stream number. */
  newStream(): number;
  /**
   * Payloads of DATA frames of a stream, whole; credit is given back when the listener returns. `node`: number of the node
   * that sent it, where there are many.
   */
  onStream(stream: number, listener: { data(payload: Uint8Array, node?: number): void; end(): void }): void;
  sendData(stream: number, bytes: Uint8Array): Promise<void>;
  sendEnd(stream: number): void;
  onEvent(listener: (event: AgentEvent) => void): void;
  onClose(listener: (reason: string) => void): void;
  /** bye, then closes the channel. */
  close(): Promise<void>;
}

/** Outputs of an executing cell or of a run that outlives it, in Jupyter's words. */
export type CellOutput =
  | { kind: 'stream'; name: 'stdout' | 'stderr'; text: string }
  | { kind: 'display'; displayId: string; data: Record<string, unknown>; update: boolean };

/** How a cell ended: an outcome, not an exception. */
export type CellOutcome =
  | { kind: 'ok' }
  | { kind: 'failed'; code: string; message: string; hint: string; details: string }
  | { kind: 'interrupted' };

/** A line for a cell's process, with its line end; `isEnd`: end of file comes after it. */
export interface CellInputLine {
  text: string;
  isEnd: boolean;
}

/** Standard input of an executing cell. `ask` is called for each line that is waited for, one at a time. */
export type CellInput =
  | { kind: 'ask'; ask(prompt: string): Promise<CellInputLine> }
  | { kind: 'stream'; chunks: AsyncIterable<Uint8Array> };

/** One window kept up to date for a viewer; `close` ends it. */
export interface ViewSubscription {
  request(window: import('../../protocol/index.js').WindowRequest): void;
  close(): void;
}

/** Rows of a view and the name of its data: the map's, `printk`, `output`. */
export interface ViewRows {
  source: string;
  rows: import('../store/store-rows.js').StoreRows;
}

/** A verifier's log of a program that was accepted, at log level 2, and what its instructions are in C. */
export interface VerifierLogOf {
  log: string;
  trace: import('../../protocol/index.js').ProgramTrace;
}

/** A session, as the Jupyter side and the CLI see it. One cell executes at a time; the rest may be called meanwhile. */
export interface Session {
  readonly id: string;
  /** Without `input` there is nobody to ask: processes that read get end of file. */
  execute(
    cell: { text: string; cellId: string; input?: CellInput },
    output: (output: CellOutput) => void
  ): Promise<CellOutcome>;
  /** Ends what the executing cell waits for; programs of that cell are stopped. */
  interrupt(): void;
  command(command: import('../../protocol/index.js').SessionCommand): Promise<void>;
  status(): import('../../protocol/index.js').SessionStatus;
  onStatus(listener: (status: import('../../protocol/index.js').SessionStatus) => void): void;
  /** Outputs of runs after their cell completed: display updates, under no request. */
  onOutput(listener: (output: CellOutput) => void): void;
  openView(
    view: string,
    window: import('../../protocol/index.js').WindowRequest,
    send: (message: import('../../protocol/index.js').WindowMessage, buffers: Uint8Array[]) => void
  ): ViewSubscription | null;
  /** All rows that a view has now, for an export; null when there is no such view. @throws LabError BPFLAB_VIEW_FILTER */
  openRows(view: string, request: import('../store/store-rows.js').RowsRequest): Promise<ViewRows | null>;
  /** Loads a program of a run once more for its whole log. @throws LabError as `load` refuses, BPFLAB_RUN_UNKNOWN */
  verifierLog(run: string, program: string): Promise<VerifierLogOf>;
  /** Words that may stand between `start` and `end`; `items` says more of each, in the order of `matches`. */
  complete(
    text: string,
    cursor: number
  ): Promise<{ matches: string[]; start: number; end: number; items?: readonly CompletionItem[] }>;
  inspect(text: string, cursor: number): Promise<{ found: boolean; text: string }>;
  /**
   * Answers an editor.
   *
   * @throws LabError as the file or the compiler gives
   */
  language<K extends LanguageAsk['kind']>(ask: Extract<LanguageAsk, { kind: K }>): Promise<LanguageAnswers[K]>;
  /** What the target has loaded, and changes to it; never starts a target. @throws LabError */
  examine(request: InspectRequest): Promise<InspectAnswers[keyof InspectAnswers]>;
  /** The lab of the notebook, found when it is asked for; `lab` is empty where there is none. */
  openLab(): Promise<import('../../protocol/index.js').LabState>;
  onLabState(listener: (state: import('../../protocol/index.js').LabState) => void): void;
  /** Checks, hints, solutions, reset. @throws LabError BPFLAB_LAB_UNKNOWN */
  askLab(request: import('../../protocol/index.js').LabRequest): Promise<import('../../protocol/index.js').LabAnswer>;
  isComplete(text: string): 'complete' | 'incomplete' | 'invalid';
  /** Ends runs and target; resolves when nothing is left. */
  close(): Promise<void>;
}
