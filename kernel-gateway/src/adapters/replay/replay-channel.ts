/**
 * Plays a recording to a live gateway. Time stands still while the gateway has not yet asked what it asked in the
 * recording, and jumps when it asks earlier: so every answer comes after its question, and the agent's frames come in
 * the recorded order with the recorded pauses. Request ids, stream numbers, run and session names are translated.
 */
import { encodeFrame } from '../../core/agent/encode-frame.js';
import { FrameDecoder } from '../../core/agent/frame-decoder.js';
import type { AgentChannel } from '../../core/index.js';
import { FrameKind, LabError, type Frame } from '../../protocol/index.js';
import type { PlaybackClock } from './playback-clock.js';
import type { PlacedRecord, RecordCursor, RecordingFile } from './recording-file.js';
import { RecordSide } from './recording-format.js';
import {
  frameOf,
  HELLO_KEY,
  isQuery,
  requestKey,
  streamsOf,
  type ChannelScript,
  type GatewayStep,
  type RequestFields
} from './replay-script.js';

/** A question of the recording that the gateway leaves out this time is waited for so long when a later one was asked. */
const LEFT_OUT_MS = 2000;
const END_REASON = 'the recording is over';
/** Delivered at one go at most. */
const BREATH_BYTES = 1024 * 1024;

/** Names of the recording to names of now. */
interface Translation {
  ids: Map<number, number>;
  streams: Map<number, number>;
  names: Map<string, string>;
}

/** What a channel is played from. */
export interface ReplaySource {
  file: RecordingFile;
  script: ChannelScript;
  clock: PlaybackClock;
  /** Called once when the channel has ended. */
  onEnd?: () => void;
}

/** One playing of one recorded channel. */
export class ReplayChannel implements AgentChannel {
  readonly #source: ReplaySource;
  readonly #decoder = new FrameDecoder();
  readonly #translation: Translation = { ids: new Map(), streams: new Map(), names: new Map() };
  readonly #open: GatewayStep[];
  readonly #answers = new Set<number>();
  readonly #cursor: RecordCursor;
  readonly #closeListeners: ((reason: string) => void)[] = [];
  readonly #early: Uint8Array[] = [];
  readonly #stopListening: () => void;
  #dataListener: ((bytes: Uint8Array) => void) | null = null;
  /** The agent's next frame, read ahead; null: none is left. */
  #next: PlacedRecord | null = null;
  #wake: NodeJS.Timeout | null = null;
  #breath: NodeJS.Immediate | null = null;
  #leftOut: NodeJS.Timeout | null = null;
  #closedReason: string | null = null;
  /** Recorded time of the request with which the newest run began. */
  #begunUs = -1;

  /** Starts with the gateway's hello. The source's script is not changed. */
  constructor(source: ReplaySource) {
    this.#source = source;
    const { script, file, clock } = source;
    this.#open = [...script.gates];
    for (const query of script.queries) for (const offset of query.answer) this.#answers.add(offset);
    this.#cursor = file.cursor(script.offset);
    this.#stopListening = clock.onSet(() => this.#play());
    this.#readNext();
  }

  /** Whether something is due that was not sent yet. */
  get isBehind(): boolean {
    const dueUs = this.#nextDueUs();
    return dueUs !== null && dueUs <= this.#nowUs();
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
      this.#translation.names.set(this.#source.script.session, session);
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
    const equal = this.#source.script.queries.filter(query => query.key === key);
    const nowUs = this.#nowUs();
    return equal.filter(query => query.timeUs <= nowUs).at(-1) ?? equal[0] ?? null;
  }

  /** All at once: what a look took in the recording is nobody's concern. */
  #answerQuery(step: GatewayStep, translation: Translation): void {
    // The same query may be answered again under other numbers before this answer is through.
    const own: Translation = {
      ids: new Map(translation.ids),
      streams: new Map(translation.streams),
      names: translation.names
    };
    setImmediate(() => {
      for (const offset of step.answer) {
        const record = this.#source.file.recordAt(offset);
        if (record !== null) this.#deliver(translated(frameOf(record), own));
      }
    });
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
    this.#source.clock.asked(isFirst ? Math.max(nowUs, gate.timeUs) : nowUs);
    if (this.#leftOut !== null) clearTimeout(this.#leftOut);
    this.#leftOut = isFirst ? null : setTimeout(() => this.#leaveOut(gate), LEFT_OUT_MS);
    this.#play();
  }

  /** Nobody asked for the gates before this one: they are taken as passed. */
  #leaveOut(gate: GatewayStep): void {
    while (this.#open[0] !== undefined && this.#open[0].timeUs < gate.timeUs) this.#open.shift();
    this.#source.clock.asked(Math.max(this.#nowUs(), gate.timeUs));
    this.#play();
  }

  /** Delivers what is due; after a while of that, others have their turn. */
  #play(): void {
    if (this.#wake !== null) clearTimeout(this.#wake);
    this.#wake = null;
    if (this.#breath !== null) return;
    let delivered = 0;
    for (let dueUs = this.#nextDueUs(); dueUs !== null; dueUs = this.#nextDueUs()) {
      if (dueUs > this.#nowUs()) {
        const delayMs = this.#source.clock.delayMs(dueUs);
        if (delayMs !== null) this.#wake = setTimeout(() => this.#play(), delayMs);
        return;
      }
      if (delivered > BREATH_BYTES) {
        this.#breath = setImmediate(() => {
          this.#breath = null;
          this.#play();
        });
        return;
      }
      const record = this.#next;
      if (record === null) return this.#end(this.#source.script.end?.reason ?? END_REASON);
      this.#readNext();
      delivered += record.bytes.length;
      const frame = frameOf(record);
      if (isWanted(frame, this.#translation)) this.#deliver(translated(frame, this.#translation));
    }
  }

  /** Reads on to the next frame of the agent that is sent by itself. */
  #readNext(): void {
    const { number } = this.#source.script;
    for (let record = this.#cursor.next(); record !== null; record = this.#cursor.next()) {
      const isMine = record.side === RecordSide.agent && record.channel === number;
      if (!isMine || this.#answers.delete(record.offset) || isHeartbeat(record)) continue;
      this.#next = record;
      return;
    }
    this.#next = null;
  }

  /** Time of the next frame, or of the recorded end; null while a gate is before it, or nothing is left. */
  #nextDueUs(): number | null {
    if (this.#closedReason !== null) return null;
    const nextUs = this.#next === null ? null : Number(this.#next.timeUs);
    const dueUs = nextUs ?? this.#source.script.end?.timeUs ?? null;
    const gateUs = this.#open[0]?.timeUs ?? Infinity;
    return dueUs === null || dueUs > gateUs ? null : dueUs;
  }

  #nowUs(): number {
    return Math.min(this.#open[0]?.timeUs ?? Infinity, this.#source.clock.nowUs());
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
    for (const timer of [this.#wake, this.#leftOut]) if (timer !== null) clearTimeout(timer);
    if (this.#breath !== null) clearImmediate(this.#breath);
    this.#stopListening();
    this.#source.onEnd?.();
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

/** Pings and pongs are the channel's own. */
function isHeartbeat({ bytes }: PlacedRecord): boolean {
  const kind = bytes[4];
  return kind === FrameKind.ping || kind === FrameKind.pong;
}

function parseJson(payload: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(payload));
}

function jsonFrame(kind: Frame['kind'], value: unknown): Frame {
  return { kind, stream: 0, payload: new TextEncoder().encode(JSON.stringify(value)) };
}

/** False for what answers a request that was left out this time: its numbers may be those of another one now. */
function isWanted({ kind, stream, payload }: Frame, { ids, streams, names }: Translation): boolean {
  if (kind === FrameKind.reply) return ids.has((parseJson(payload) as { id: number }).id);
  if (kind === FrameKind.data || kind === FrameKind.end || kind === FrameKind.credit) return streams.has(stream);
  const { run } = kind === FrameKind.event ? (parseJson(payload) as { run?: string }) : {};
  return run === undefined || names.has(run);
}

/** The step with the names of now; JSON frames are parsed, the others only get their stream's number. */
function translated({ kind, stream, payload }: Frame, { ids, streams, names }: Translation): Frame {
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
