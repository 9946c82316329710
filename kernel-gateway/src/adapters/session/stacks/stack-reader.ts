import type { AgentConnection } from '../../../core/index.js';
import { buildProfile, type NamedStack } from '../../../core/symbols/build-profile.js';
import type { StackShape } from '../../../core/symbols/recognize-stacks.js';
import type { StackEntry } from '../../../core/symbols/stack-entries.js';
import type { StackFrame, StackProfile } from '../../../protocol/index.js';
import { readStackMap } from './read-stack-map.js';
import { Symbolizer } from './symbolizer.js';

/** bpf_get_stackid(): two different stacks wanted the same slot of the map (-EEXIST), or there was no room (-ENOMEM). */
const EEXIST = -17;
const ENOMEM = -12;
/** Kernel symbols that are older are read again when an address has no name. */
const KERNEL_SYMBOLS_AGE_MS = 30_000;

interface Lost {
  collisions: bigint;
  noMemory: bigint;
  gone: bigint;
}

/** Makes stacks with names of the entries of a map that counts them. */
export class StackReader {
  readonly #connection: AgentConnection;
  readonly #shape: StackShape;
  /** STACK_TRACE map's name to its kernel id. */
  readonly #maps: ReadonlyMap<string, number>;
  readonly #symbols: Symbolizer;
  /** Addresses by map and stack id; a stack stays what it is while its id is in use. */
  readonly #stacks = new Map<string, bigint[]>();

  constructor(connection: AgentConnection, shape: StackShape, maps: ReadonlyMap<string, number>) {
    this.#connection = connection;
    this.#shape = shape;
    this.#maps = maps;
    this.#symbols = Symbolizer.of(connection);
  }

  /**
   * The entries' stacks by name, and what could not be read or named.
   *
   * @throws LabError BPFLAB_TARGET_LOST, or what the agent answers when a map is gone
   */
  async profile(entries: readonly StackEntry[]): Promise<StackProfile> {
    await this.#readStacks(entries);
    this.#symbols.forgetEnded();
    const lost: Lost = { collisions: 0n, noMemory: 0n, gone: 0n };
    const stacks = await Promise.all(entries.map(entry => this.#named(entry, lost)));
    const problems = await this.#problems(entries, stacks, lost);
    return buildProfile(stacks, this.#shape.unit, problems);
  }

  /** Reads the STACK_TRACE maps when there is an id that is not known yet. */
  async #readStacks(entries: readonly StackEntry[]): Promise<void> {
    const isMissing = new Set<string>();
    for (const entry of entries) {
      this.#shape.ids.forEach(({ map }, index) => {
        const id = entry.ids[index] ?? -1;
        if (id >= 0 && !this.#stacks.has(`${map} ${id}`)) isMissing.add(map);
      });
    }
    await Promise.all([...isMissing].map(map => this.#readStackMap(map)));
  }

  async #readStackMap(name: string): Promise<void> {
    const mapId = this.#maps.get(name);
    if (mapId === undefined) return;
    const stacks = await readStackMap(this.#connection, mapId);
    for (const [id, addresses] of stacks) this.#stacks.set(`${name} ${id}`, addresses);
  }

  async #named(entry: StackEntry, lost: Lost): Promise<NamedStack> {
    const addresses: bigint[] = [];
    this.#shape.ids.forEach(({ map }, index) => {
      const id = entry.ids[index] ?? -1;
      if (id === EEXIST) lost.collisions += entry.count;
      else if (id === ENOMEM) lost.noMemory += entry.count;
      if (id < 0) return;
      const stack = this.#stacks.get(`${map} ${id}`);
      if (stack === undefined) lost.gone += entry.count;
      else addresses.push(...[...stack].reverse());
    });
    const frames = await Promise.all(addresses.map(address => this.#symbols.frame(address, entry.process)));
    return { frames: [...processFrame(entry), ...frames], count: entry.count };
  }

  async #problems(entries: readonly StackEntry[], stacks: readonly NamedStack[], lost: Lost): Promise<string[]> {
    const problems: string[] = [];
    const unknown = new Set<string>();
    let isKernelUnknown = false;
    for (const { frames } of stacks) {
      for (const frame of frames.filter(one => !one.is_known)) {
        if (frame.kind === 'kernel') isKernelUnknown = true;
        else if (frame.origin !== '') unknown.add(frame.origin);
      }
    }
    const hasKernel = stacks.some(({ frames }) => frames.some(frame => frame.kind === 'kernel'));
    if (hasKernel && (await this.#symbols.kernelTable()) === null) {
      problems.push('the kernel hides its addresses (kernel.kptr_restrict), so its functions have no names');
    } else if (isKernelUnknown) {
      this.#symbols.refreshKernel(KERNEL_SYMBOLS_AGE_MS);
      problems.push('some addresses of the kernel belong to no symbol of /proc/kallsyms');
    }
    if (unknown.size > 0)
      problems.push(`functions that have no symbol in their file have no name: ${listText([...unknown])}`);
    problems.push(...(await this.#endedProcesses(entries)));
    const counts: [bigint, string][] = [
      [
        lost.collisions,
        'had a stack that was not kept, for two different ones had the same id; a larger STACK_TRACE map helps'
      ],
      [lost.noMemory, 'had a stack for which there was no room'],
      [lost.gone, 'had a stack that is not in the STACK_TRACE map any more']
    ];
    for (const [count, text] of counts) if (count > 0n) problems.push(`${count} ${this.#shape.unit} ${text}`);
    return problems;
  }

  async #endedProcesses(entries: readonly StackEntry[]): Promise<string[]> {
    const userIds = this.#shape.ids.flatMap(({ part, map }, index) => (part === 'kernel' ? [] : [{ index, map }]));
    const withUserStack = entries.filter(entry =>
      userIds.some(({ index, map }) => {
        const [address] = this.#stacks.get(`${map} ${entry.ids[index] ?? -1}`) ?? [];
        return address !== undefined && address < 1n << 63n;
      })
    );
    if (withUserStack.length === 0) return [];
    if (this.#shape.process === null) {
      return [
        'the entries name no process, so functions of programs have no names; a member "pid" with the tgid helps'
      ];
    }
    const pids = [...new Set(withUserStack.map(entry => entry.process))];
    const known = await Promise.all(pids.map(pid => this.#symbols.hasProcess(pid)));
    const ended = pids.filter((_, index) => known[index] === false);
    const number = ended.length === 1 ? 'process' : 'processes';
    const text = `the functions of ${ended.length} ${number} have no names, for they had ended: ${listText(ended.map(String))}`;
    return ended.length === 0 ? [] : [text];
  }
}

const MAX_LISTED = 5;

function listText(names: readonly string[]): string {
  const more = names.length - MAX_LISTED;
  return names.slice(0, MAX_LISTED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function processFrame({ command, process }: StackEntry): StackFrame[] {
  const name = command === '' ? `process ${process}` : command;
  return command === '' && process === 0 ? [] : [{ name, kind: 'process', origin: '', is_known: true }];
}
