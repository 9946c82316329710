/**
 * Plays a recording to a live gateway. Time stands still while the gateway has not yet asked what it asked in the
 * recording, and jumps when it asks earlier: so every answer comes after its question, and the agent's frames come in
 * the recorded order with the recorded pauses. Request ids, stream numbers, run and session names are translated.
 */
import { encodeFrame } from '../../core/agent/encode-frame.js';
import { FrameDecoder } from '../../core/agent/frame-decoder.js';
import type { AgentChannel } from '../../core/index.js';
import { FrameKind, LabError, type Frame } from '../../protocol/index.js';
import type { Recording } from './recording-format.js';
import {
  HELLO_KEY,
  isQuery,
  readScript,
  requestKey,
  streamsOf,
  type AgentStep,
  type GatewayStep,
  type ReplayScript,
  type RequestFields
} from './replay-script.js';

/** A question of the recording that the gateway leaves out this time is waited for so long when a later one was asked. */
const LEFT_OUT_MS = 2000;
const END_REASON = 'the recording is over';

/** Names of the recording to names of now. */
interface Translation {
  ids: Map<number, number>;
  streams: Map<number, number>;
  names: Map<string, string>;
}

/** One playing of one recording. */
export class ReplayChannel implements AgentChannel {
  readonly #script: ReplayScript;
  readonly #speed: number;
  readonly #decoder = new FrameDecoder();
  readonly #translation: Translation = { ids: new Map(), streams: new Map(), names: new Map() };
  readonly #open: GatewayStep[];
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #closeListeners: ((reason: string) => void)[] = [];
  readonly #early: Uint8Array[] = [];
  readonly #recordedSession: string;
  #dataListener: ((bytes: Uint8Array) => void) | null = null;
  #nextStep = 0;
  /** The recording's clock: at `#liveMs` (performance.now) it showed `#recordedUs`. */
  #recordedUs = 0;
  #liveMs = performance.now();
  #wake: NodeJS.Timeout | null = null;
  #leftOut: NodeJS.Timeout | null = null;
  #closedReason: string | null = null;
  /** Recorded time of the request with which the newest run began. */
  #begunUs = -1;

  /**
   * Starts with the gateway's hello.
   *
   * @param recording - read whole; not changed
   * @param speed - 1: with the recorded pauses; Infinity: without
   */
  constructor(recording: Recording, speed = 1) {
    this.#script = readScript(recording.records);
    this.#recordedSession = recording.header.session;
    this.#open = [...this.#script.gates];
    this.#speed = speed;
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#closedReason !== null) {
      return Promise.reject(new LabError('BPFLAB_TARGET_LOST', `The target is gone: ${this.#closedReason}.`));
    }
    this.#decoder.push(bytes, frame => this.#take(frame));
    return Promise.resolve();
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#dataListener = listener;
    for (const bytes of this.#early.splice(0)) listener(bytes);
  }

  onClose(listener: (reason: string) => void): void {
    const reason = this.#closedReason;
    if (reason === null) this.#closeListeners.push(listener);
    else queueMicrotask(() => listener(reason));
  }

  close(): Promise<void> {
    this.#end('the replay was closed');
    return Promise.resolve();
  }

  #take(frame: Frame): void {
    if (frame.kind === FrameKind.ping) {
      this.#deliver({ kind: FrameKind.pong, stream: 0, payload: frame.payload.slice() });
    } else if (frame.kind === FrameKind.hello) {
      const { session } = parseJson(frame.payload) as { session: string };
      this.#translation.names.set(this.#recordedSession, session);
      this.#pass(this.#open.find(gate => gate.key === HELLO_KEY) ?? null);
    } else if (frame.kind === FrameKind.request) {
      this.#takeRequest(parseJson(frame.payload) as RequestFields);
    }
    // DATA, END and CREDIT need no answer: the recorded agent has seen their like.
  }

  #takeRequest(request: RequestFields): void {
    const key = requestKey(request);
    const step = isQuery(request) ? this.#nearestQuery(key) : this.#gateOf(key, request);
    if (step?.request == null) {
      const error = { code: 'BPFLAB_REPLAY_MISMATCH', message: `The recording has no such run — ${missing(request)}.` };
      this.#deliver(jsonFrame(FrameKind.reply, { id: request.id, ok: false, error }));
      return;
    }
    this.#translate(step.request, request, step.timeUs);
    if (isQuery(request)) this.#answerQuery(step, this.#translation);
    else this.#pass(step);
  }

  /**
   * The recorded request that this one repeats. A run that has begun keeps to the recorded run with which it began; a new
   * one begins with the next equal run after the one that began last, so that what was recorded twice comes in its order.
   */
  #gateOf(key: string, { run }: RequestFields): GatewayStep | null {
    const equal = this.#open.filter(gate => gate.key === key);
    if (typeof run !== 'string') return equal[0] ?? null;
    const { names } = this.#translation;
    const recorded = [...names].find(([, live]) => live === run)?.[0];
    if (recorded !== undefined) return equal.find(gate => gate.request?.['run'] === recorded) ?? null;
    const fresh = equal.filter(gate => !names.has(String(gate.request?.['run'])));
    return fresh.find(gate => gate.timeUs > this.#begunUs) ?? fresh[0] ?? null;
  }

  /** The last equal query before the recording's present; the first one when all are later. */
  #nearestQuery(key: string): GatewayStep | null {
    const equal = this.#script.queries.filter(query => query.key === key);
    const nowUs = this.#nowUs();
    return equal.filter(query => query.timeUs <= nowUs).at(-1) ?? equal[0] ?? null;
  }

  #answerQuery(step: GatewayStep, translation: Translation): void {
    // The same query may be answered again under other numbers before this answer is through.
    const own: Translation = {
      ids: new Map(translation.ids),
      streams: new Map(translation.streams),
      names: translation.names
    };
    for (const answer of step.answer) {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        this.#deliver(translated(answer, own));
      }, this.#liveDelayMs(answer.timeUs));
      this.#timers.add(timer);
    }
  }

  #translate(recorded: RequestFields, live: RequestFields, timeUs: number): void {
    this.#translation.ids.set(recorded.id, live.id);
    const liveStreams = streamsOf(live);
    streamsOf(recorded).forEach((stream, at) => this.#translation.streams.set(stream, liveStreams[at] ?? stream));
    if (typeof recorded['run'] === 'string' && typeof live['run'] === 'string') {
      if (!this.#translation.names.has(recorded['run'])) this.#begunUs = timeUs;
      this.#translation.names.set(recorded['run'], live['run']);
    }
  }

  /** A gate was asked: time goes on, at once to the gate's own when that is later. */
  #pass(gate: GatewayStep | null): void {
    if (gate === null) return;
    const nowUs = this.#nowUs();
    const isFirst = this.#open[0] === gate;
    this.#open.splice(this.#open.indexOf(gate), 1);
    this.#setClock(isFirst ? Math.max(nowUs, gate.timeUs) : nowUs);
    if (this.#leftOut !== null) clearTimeout(this.#leftOut);
    this.#leftOut = isFirst ? null : setTimeout(() => this.#leaveOut(gate), LEFT_OUT_MS);
    this.#play();
  }

  /** Nobody asked for the gates before this one: they are taken as passed. */
  #leaveOut(gate: GatewayStep): void {
    while (this.#open[0] !== undefined && this.#open[0].timeUs < gate.timeUs) this.#open.shift();
    this.#setClock(Math.max(this.#nowUs(), gate.timeUs));
    this.#play();
  }

  #play(): void {
    if (this.#wake !== null) clearTimeout(this.#wake);
    this.#wake = null;
    for (let dueUs = this.#nextDueUs(); dueUs !== null; dueUs = this.#nextDueUs()) {
      const waitUs = dueUs - this.#nowUs();
      if (waitUs > 0) {
        this.#wake = setTimeout(() => this.#play(), this.#liveDelayMs(waitUs));
        return;
      }
      const step = this.#script.agent[this.#nextStep];
      if (step === undefined) return this.#end(this.#script.end?.reason ?? END_REASON);
      this.#nextStep += 1;
      if (isWanted(step, this.#translation)) this.#deliver(translated(step, this.#translation));
    }
  }

  /** Time of the next frame, or of the recorded end; null while a gate is before it, or nothing is left. */
  #nextDueUs(): number | null {
    if (this.#closedReason !== null) return null;
    const dueUs = this.#script.agent[this.#nextStep]?.timeUs ?? this.#script.end?.timeUs ?? null;
    const gateUs = this.#open[0]?.timeUs ?? Infinity;
    return dueUs === null || dueUs > gateUs ? null : dueUs;
  }

  #nowUs(): number {
    const gateUs = this.#open[0]?.timeUs ?? Infinity;
    if (this.#speed === Infinity) return gateUs;
    return Math.min(gateUs, this.#recordedUs + (performance.now() - this.#liveMs) * 1000 * this.#speed);
  }

  #setClock(recordedUs: number): void {
    this.#recordedUs = recordedUs;
    this.#liveMs = performance.now();
  }

  #liveDelayMs(recordedUs: number): number {
    return this.#speed === Infinity ? 0 : Math.max(0, Math.ceil(recordedUs / 1000 / this.#speed));
  }

  #deliver(frame: Frame): void {
    if (this.#closedReason !== null) return;
    const bytes = encodeFrame(frame);
    if (this.#dataListener === null) this.#early.push(bytes);
    else this.#dataListener(bytes);
  }

  #end(reason: string): void {
    if (this.#closedReason !== null) return;
    this.#closedReason = reason;
    for (const timer of [...this.#timers, this.#wake, this.#leftOut]) if (timer !== null) clearTimeout(timer);
    for (const listener of this.#closeListeners.splice(0)) queueMicrotask(() => listener(reason));
  }
}

/** What a request wanted that was not recorded, in words. */
function missing(request: RequestFields): string {
  const { verb } = request;
  if (verb === 'put' || verb === 'load') return 'this program was not loaded in it, or less often';
  if (verb === 'place') return `the file "${String(request['path'])}" had other content`;
  if (verb === 'exec') return 'this command was not run in it, or less often';
  return `it has no answer to "${verb}" here`;
}

function parseJson(payload: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(payload));
}

function jsonFrame(kind: Frame['kind'], value: unknown): Frame {
  return { kind, stream: 0, payload: new TextEncoder().encode(JSON.stringify(value)) };
}

/** False for what answers a request that was left out this time: its numbers may be those of another one now. */
function isWanted({ kind, stream, payload }: AgentStep, { ids, streams, names }: Translation): boolean {
  if (kind === FrameKind.reply) return ids.has((parseJson(payload) as { id: number }).id);
  if (kind === FrameKind.data || kind === FrameKind.end || kind === FrameKind.credit) return streams.has(stream);
  const { run } = kind === FrameKind.event ? (parseJson(payload) as { run?: string }) : {};
  return run === undefined || names.has(run);
}

/** The step with the names of now; JSON frames are parsed, the others only get their stream's number. */
function translated({ kind, stream, payload }: AgentStep, { ids, streams, names }: Translation): Frame {
  if (kind !== FrameKind.hello && kind !== FrameKind.reply && kind !== FrameKind.event) {
    return { kind, stream: streams.get(stream) ?? stream, payload };
  }
  const value = JSON.parse(new TextDecoder().decode(payload), (name, part: unknown) => {
    if ((name === 'run' || name === 'session') && typeof part === 'string') return names.get(part) ?? part;
    if (name === 'stream' && typeof part === 'number') return streams.get(part) ?? part;
    return part;
  }) as Record<string, unknown>;
  if (kind === FrameKind.reply) value['id'] = ids.get(value['id'] as number) ?? value['id'];
  return jsonFrame(kind, value);
}
