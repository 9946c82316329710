import type { Verb } from '../../protocol/index.js';
import type { NodeVerdict } from './connected-nodes.js';
import type { Fields } from './own-fields.js';

/** A request that a node which comes later gets too. */
export interface JournalEntry {
  run: string;
  verb: Verb;
  fields: Fields;
}

/** Verbs that make a run what it is; `place` belongs to the session. */
const KEPT: ReadonlySet<Verb> = new Set<Verb>(['place', 'load', 'attach', 'subscribe', 'map_update']);
/** A node that refuses one of these does not take part in the run. */
const DECIDING: ReadonlySet<Verb> = new Set<Verb>(['load', 'attach', 'subscribe', 'exec']);

/** True when the refusal of a request is the node's refusal of the whole run. */
export function isDeciding(verb: Verb): boolean {
  return DECIDING.has(verb);
}

/** True for what a node must be given that was not there when it was asked. */
export function isKept(verb: Verb): boolean {
  return KEPT.has(verb);
}

/** What the runs of a group were made of, and what each node made of them. */
export class RunJournal {
  readonly #entries = new Set<JournalEntry>();
  readonly #verdicts = new Map<string, Map<number, NodeVerdict>>();

  /** Entries in order; one that is added meanwhile is visited too. */
  entries(): Iterable<JournalEntry> {
    return this.#entries;
  }

  add(entry: JournalEntry): void {
    if (isKept(entry.verb)) this.#entries.add(entry);
  }

  /** The run is over: nobody gets it any more, and what the nodes made of it stays as it was. */
  end(run: string): void {
    for (const entry of this.#entries) if (entry.run === run && run !== '') this.#entries.delete(entry);
  }

  /** False once the run is over, or before it began. */
  isLive(run: string): boolean {
    for (const entry of this.#entries) if (entry.run === run && entry.verb === 'load') return true;
    return false;
  }

  decide(run: string, verdict: NodeVerdict): void {
    const verdicts = this.#verdicts.get(run) ?? new Map<number, NodeVerdict>();
    this.#verdicts.set(run, verdicts);
    verdicts.set(verdict.node, verdict);
  }

  /** The node takes part, unless that is decided already. */
  join(run: string, node: number): void {
    if (this.#verdicts.get(run)?.has(node) !== true) this.decide(run, { node, state: 'running', message: '' });
  }

  /** Whether the node takes part in the run; one that was not heard of yet may. */
  takesPart(run: string, node: number): boolean {
    return (this.#verdicts.get(run)?.get(node)?.state ?? 'running') === 'running';
  }

  verdicts(run: string): NodeVerdict[] {
    return [...(this.#verdicts.get(run)?.values() ?? [])].sort((left, right) => left.node - right.node);
  }

  /** The node is gone: it is lost to the runs that it took part in. Returns whether there were any. */
  loseNode(node: number, message: string): string[] {
    const lost: string[] = [];
    for (const [run, verdicts] of this.#verdicts) {
      if (verdicts.get(node)?.state !== 'running' || !this.isLive(run)) continue;
      verdicts.set(node, { node, state: 'lost', message });
      lost.push(run);
    }
    return lost;
  }
}
