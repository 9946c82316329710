import type { Duplex } from 'node:stream';
import { z } from 'zod';
import { LabError } from '../../protocol/index.js';

const lineSchema = z.union([
  z.object({ QMP: z.unknown() }),
  z.object({ event: z.string(), data: z.record(z.string(), z.unknown()).optional() }),
  z.object({ return: z.unknown(), id: z.number().optional() }),
  z.object({ error: z.object({ class: z.string(), desc: z.string() }), id: z.number().optional() })
]);

/** Something that QEMU says unasked, such as `MIGRATION` with `{ status: 'completed' }`. */
export interface QmpEvent {
  event: string;
  data: Record<string, unknown>;
}

interface Waiter<T> {
  resolve: (value: T) => void;
  reject: (error: Error) => void;
}

/**
 * QEMU's control protocol (JSON lines) over a stream. Commands may be sent without waiting for the ones before: QEMU
 * executes them in order. The stream belongs to the process; this object only reads and writes it.
 *
 * @see docs/interop/qmp-spec.rst in QEMU
 */
export class QmpClient {
  readonly #stream: Duplex;
  readonly #pending = new Map<number, Waiter<unknown>>();
  readonly #watchers = new Set<{ accepts: (event: QmpEvent) => boolean } & Waiter<QmpEvent>>();
  #rest = '';
  #nextId = 1;
  #gone: Error | null = null;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => this.#take(text));
    stream.on('error', () => undefined);
    stream.on('close', () => this.#fail(new LabError('BPFLAB_TARGET_LOST', 'QEMU has ended.')));
    // QEMU refuses every other command before this one.
    this.execute('qmp_capabilities').catch(() => undefined);
  }

  /** Resolves with what the command returns; rejects with QEMU's own description, or when QEMU ends. */
  execute(command: string, args: Record<string, unknown> = {}): Promise<unknown> {
    if (this.#gone !== null) return Promise.reject(this.#gone);
    const id = this.#nextId++;
    const answer = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    this.#stream.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    return answer;
  }

  /** The next event that `accepts` takes; rejects when QEMU ends before. */
  next(accepts: (event: QmpEvent) => boolean): Promise<QmpEvent> {
    if (this.#gone !== null) return Promise.reject(this.#gone);
    return new Promise((resolve, reject) => this.#watchers.add({ accepts, resolve, reject }));
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.trim() !== '') this.#takeLine(line);
    }
  }

  #takeLine(line: string): void {
    const parsed = lineSchema.parse(JSON.parse(line));
    if ('event' in parsed) {
      this.#announce({ event: parsed.event, data: parsed.data ?? {} });
    } else if ('error' in parsed) {
      this.#settle(parsed.id)?.reject(new LabError('BPFLAB_TARGET_START', `QEMU refuses: ${parsed.error.desc}.`));
    } else if ('return' in parsed) {
      this.#settle(parsed.id)?.resolve(parsed.return);
    }
  }

  #announce(event: QmpEvent): void {
    for (const watcher of this.#watchers) {
      if (!watcher.accepts(event)) continue;
      this.#watchers.delete(watcher);
      watcher.resolve(event);
    }
  }

  #settle(id: number | undefined): Waiter<unknown> | undefined {
    if (id === undefined) return undefined;
    const waiter = this.#pending.get(id);
    this.#pending.delete(id);
    return waiter;
  }

  #fail(error: Error): void {
    this.#gone = error;
    for (const waiter of [...this.#pending.values(), ...this.#watchers]) waiter.reject(error);
    this.#pending.clear();
    this.#watchers.clear();
  }
}
