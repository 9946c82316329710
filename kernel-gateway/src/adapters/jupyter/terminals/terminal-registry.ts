/** Terminals of the server: each a shell whose screen is shared by all sockets on it. */
import { LabError } from '../../../protocol/index.js';
import type { ShellProcess, TerminalSize } from '../lab-services.js';

/** Characters of output that a socket gets which comes later. */
const SCROLLBACK_CHARS = 256 * 1024;
/** Size until the first client has said its own. */
const DEFAULT_SIZE: TerminalSize = { rows: 24, cols: 80 };

/** Where a terminal's output goes. */
export interface TerminalViewer {
  output(text: string): void;
  ended(): void;
}

/** Jupyter's terminal model. */
export interface TerminalModel {
  name: string;
  last_activity: string;
}

/** A shell, its scrollback and its viewers. */
export class Terminal {
  readonly name: string;
  readonly #shell: ShellProcess;
  readonly #viewers = new Set<TerminalViewer>();
  #scrollback: string[] = [];
  #scrollbackChars = 0;
  #lastActivity = new Date();

  constructor(name: string, shell: ShellProcess, onExit: () => void) {
    this.name = name;
    this.#shell = shell;
    shell.onData(text => this.#output(text));
    shell.onExit(() => {
      onExit();
      for (const viewer of this.#viewers) viewer.ended();
      this.#viewers.clear();
    });
  }

  get model(): TerminalModel {
    return { name: this.name, last_activity: this.#lastActivity.toISOString() };
  }

  /** Shows the scrollback and what comes; the returned function ends it. */
  view(viewer: TerminalViewer): () => void {
    const text = this.#scrollback.join('');
    if (text !== '') viewer.output(text);
    this.#viewers.add(viewer);
    return () => void this.#viewers.delete(viewer);
  }

  write(text: string): void {
    this.#lastActivity = new Date();
    this.#shell.write(text);
  }

  /** The last client that says a size sets it, as in Jupyter's own terminals. */
  resize(size: TerminalSize): void {
    this.#shell.resize(size.rows, size.cols);
  }

  kill(): void {
    this.#shell.kill();
  }

  #output(text: string): void {
    this.#lastActivity = new Date();
    this.#scrollback.push(text);
    this.#scrollbackChars += text.length;
    while (this.#scrollbackChars > SCROLLBACK_CHARS && this.#scrollback.length > 1) {
      this.#scrollbackChars -= this.#scrollback.shift()!.length;
    }
    for (const viewer of this.#viewers) viewer.output(text);
  }
}

/** Opens the shell that a terminal's name asks for. */
export type OpenShell = (request: { name: string; cwd: string; size: TerminalSize }) => Promise<ShellProcess>;

/** Owns all terminals; `closeAll` ends their processes. */
export class TerminalRegistry {
  readonly #openShell: OpenShell;
  readonly #terminals = new Map<string, Terminal>();
  readonly #starting = new Map<string, Promise<Terminal>>();

  constructor(openShell: OpenShell) {
    this.#openShell = openShell;
  }

  get models(): TerminalModel[] {
    return [...this.#terminals.values()].map(({ model }) => model);
  }

  find(name: string): Terminal | null {
    return this.#terminals.get(name) ?? null;
  }

  /** Throws BPFLAB_REQUEST_UNKNOWN when there is none of that name. */
  get(name: string): Terminal {
    const terminal = this.#terminals.get(name);
    if (!terminal) throw new LabError('BPFLAB_REQUEST_UNKNOWN', `There is no terminal "${name}".`);
    return terminal;
  }

  /** Starts a terminal; without a name it gets the lowest free number, and one that is there is given. */
  async start(name: string | null, cwd: string): Promise<Terminal> {
    const free = name ?? this.#freeName();
    const existing = this.#terminals.get(free) ?? this.#starting.get(free);
    if (existing) return existing;
    const starting = this.#open(free, cwd).finally(() => this.#starting.delete(free));
    this.#starting.set(free, starting);
    return starting;
  }

  closeAll(): void {
    for (const terminal of this.#terminals.values()) terminal.kill();
    this.#terminals.clear();
  }

  async #open(name: string, cwd: string): Promise<Terminal> {
    const shell = await this.#openShell({ name, cwd, size: DEFAULT_SIZE });
    const terminal = new Terminal(name, shell, () => {
      if (this.#terminals.get(name) === terminal) this.#terminals.delete(name);
    });
    this.#terminals.set(name, terminal);
    return terminal;
  }

  #freeName(): string {
    let number = 1;
    while (this.#terminals.has(String(number)) || this.#starting.has(String(number))) number++;
    return String(number);
  }
}
