/** What a recording says about who waits for whom: the plan that a player follows. Frames' own bytes stay in the file. */
import { FrameDecoder } from '../../core/agent/frame-decoder.js';
import { FrameKind, LabError, type Frame } from '../../protocol/index.js';
import type { PlacedRecord, RecordingFile } from './recording-file.js';
import { openedSchema, RecordSide, stepSchema, unreadable, type RecordedStep } from './recording-format.js';

/** Verbs that only look: they may be asked more or less often than in the recording, and wait for nobody. */
const QUERY_VERBS = new Set(['stats', 'inventory', 'map_read', 'map_lookup', 'probe', 'read_file']);
/** Fields of a request that name a stream. */
const STREAM_FIELDS = ['stream', 'log_stream', 'stdin', 'stdout', 'stderr'] as const;
/**
 * Fields that differ between two runs of the same notebook. What is loaded, placed and run counts by its content: another
 * program must not get the answers of the recorded one.
 */
const VARYING_FIELDS = new Set<string>(['id', ...STREAM_FIELDS, 'run', 'core_btf', 'env', 'cwd', 'report_waiting']);
/** Bytes of requests that are kept in memory: a recording of hours has a hundredth of it. */
const MAX_REQUEST_BYTES = 64 * 1024 * 1024;
/** The scan lets others go on after so many bytes. */
const SCAN_BYTES = 4 * 1024 * 1024;

/** A request as JSON. */
export type RequestFields = Record<string, unknown> & { id: number; verb: string };

/** A hello or request of the recorded gateway. */
export interface GatewayStep {
  timeUs: number;
  /** What must be equal for a request to be the same one: verb and the fields that do not vary. */
  key: string;
  /** Null for hello. */
  request: RequestFields | null;
  /** Places in the file of the answers of a query, in order; empty for the others, whose answers come in the agent's order. */
  answer: number[];
}

/** The plan of one channel. The agent's frames wait for `gates`: one is sent when all gates with earlier times were passed. */
export interface ChannelScript {
  number: number;
  target: string;
  session: string;
  /** Place of the first record after `opened`. */
  offset: number;
  gates: GatewayStep[];
  queries: GatewayStep[];
  /** When and why the channel ended; null when the gateway closed it or the recording just stops. */
  end: { timeUs: number; reason: string } | null;
}

/** What the person did, and when. */
export interface TimedStep {
  timeUs: number;
  step: RecordedStep;
}

/** The plan of a whole recording. */
export interface ReplayScript {
  channels: ChannelScript[];
  steps: TimedStep[];
  /** Time of the last record. */
  durationUs: number;
}

/** Equal for two requests that mean the same. */
export function requestKey(request: RequestFields): string {
  const kept = Object.entries(request).filter(([name]) => !VARYING_FIELDS.has(name));
  return JSON.stringify(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether the request only looks. */
export function isQuery(request: RequestFields): boolean {
  return QUERY_VERBS.has(request.verb);
}

/** Key of the gateway's hello. */
export const HELLO_KEY = 'hello';

/**
 * Makes the plan of a recording, reading it once.
 *
 * @throws LabError `BPFLAB_TARGET_START` when it is damaged, or has more requests than can be kept
 */
export async function readScript(file: RecordingFile): Promise<ReplayScript> {
  const scan = new Scan();
  const cursor = file.scan();
  let scanned = 0;
  for (let record = cursor.next(); record !== null; record = cursor.next()) {
    try {
      scan.take(record);
    } catch (error) {
      throw error instanceof LabError ? error : unreadable(`a record at byte ${record.offset} is damaged`, error);
    }
    scanned += record.bytes.length;
    if (scanned < SCAN_BYTES) continue;
    scanned = 0;
    await new Promise(resolve => setImmediate(resolve));
  }
  return scan.script;
}

/** A channel while it is read: which answers belong to which query. */
interface OpenChannel {
  script: ChannelScript;
  queryById: Map<number, GatewayStep>;
  queryByStream: Map<number, GatewayStep>;
}

class Scan {
  readonly script: ReplayScript = { channels: [], steps: [], durationUs: 0 };
  readonly #channels = new Map<number, OpenChannel>();
  #requestBytes = 0;

  take(record: PlacedRecord): void {
    const timeUs = Number(record.timeUs);
    this.script.durationUs = Math.max(this.script.durationUs, timeUs);
    if (record.side === RecordSide.opened) this.#open(record);
    else if (record.side === RecordSide.cell) {
      this.#keep(record.bytes);
      this.script.steps.push({ timeUs, step: stepSchema.parse(jsonOf(record.bytes)) });
    } else {
      const channel = this.#channels.get(record.channel);
      if (channel === undefined) throw new Error('a frame of a channel that was not opened');
      this.#takeFrame(channel, record, timeUs);
    }
  }

  #open({ channel: number, bytes, offset }: PlacedRecord): void {
    const { target, session } = openedSchema.parse(jsonOf(bytes));
    const script: ChannelScript = { number, target, session, offset, gates: [], queries: [], end: null };
    this.script.channels.push(script);
    this.#channels.set(number, { script, queryById: new Map(), queryByStream: new Map() });
  }

  #takeFrame(channel: OpenChannel, record: PlacedRecord, timeUs: number): void {
    if (record.side === RecordSide.closed) {
      if (record.bytes.length > 0) channel.script.end = { timeUs, reason: new TextDecoder().decode(record.bytes) };
      return;
    }
    const frame = frameOf(record);
    if (record.side === RecordSide.gateway) this.#takeGateway(channel, frame, timeUs);
    else queryOf(frame, channel)?.answer.push(record.offset);
  }

  #takeGateway({ script, queryById, queryByStream }: OpenChannel, frame: Frame, timeUs: number): void {
    if (frame.kind === FrameKind.hello) {
      script.gates.push({ timeUs, key: HELLO_KEY, request: null, answer: [] });
    } else if (frame.kind === FrameKind.request) {
      this.#keep(frame.payload);
      const request = jsonOf(frame.payload) as RequestFields;
      const step: GatewayStep = { timeUs, key: requestKey(request), request, answer: [] };
      if (!isQuery(request)) {
        script.gates.push(step);
        return;
      }
      script.queries.push(step);
      queryById.set(request.id, step);
      for (const stream of streamsOf(request)) queryByStream.set(stream, step);
    }
  }

  #keep(bytes: Uint8Array): void {
    this.#requestBytes += bytes.length;
    if (this.#requestBytes > MAX_REQUEST_BYTES) throw unreadable('it has more requests than can be played');
  }
}

const queryOf = (frame: Frame, { queryById, queryByStream }: OpenChannel): GatewayStep | undefined =>
  frame.kind === FrameKind.reply
    ? queryById.get((jsonOf(frame.payload) as { id: number }).id)
    : queryByStream.get(frame.stream);

/** The frame of a record. @throws ProtocolFault, Error when the bytes are no whole frame */
export function frameOf({ bytes }: PlacedRecord): Frame {
  let found: Frame | null = null;
  new FrameDecoder().push(bytes, frame => (found = frame));
  if (found === null) throw new Error('half a frame');
  return found;
}

/** Numbers of the streams that a request opens. */
export function streamsOf(request: RequestFields): number[] {
  return STREAM_FIELDS.flatMap(field => (typeof request[field] === 'number' ? [request[field]] : []));
}

const jsonOf = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));
