/** What a recording says about who waits for whom: the plan that a player follows. */
import { FrameDecoder } from '../../core/agent/frame-decoder.js';
import { FrameKind, type Frame, type FrameKindNumber } from '../../protocol/index.js';
import { RecordSide, type RecordedBytes } from './recording-format.js';

/** Verbs that only look: they may be asked more or less often than in the recording, and wait for nobody. */
const QUERY_VERBS = new Set(['stats', 'inventory', 'map_read', 'map_lookup', 'probe', 'read_file']);
/** Fields of a request that name a stream. */
const STREAM_FIELDS = ['stream', 'log_stream', 'stdin', 'stdout', 'stderr'] as const;
/**
 * Fields that differ between two runs of the same notebook. What is loaded, placed and run counts by its content: another
 * program must not get the answers of the recorded one.
 */
const VARYING_FIELDS = new Set<string>(['id', ...STREAM_FIELDS, 'run', 'core_btf', 'env', 'cwd', 'report_waiting']);

/** A request as JSON. */
export type RequestFields = Record<string, unknown> & { id: number; verb: string };

/** A frame of the agent, to be sent `timeUs` after the recording's start. */
export interface AgentStep {
  timeUs: number;
  kind: FrameKindNumber;
  stream: number;
  payload: Uint8Array;
}

/** A hello or request of the recorded gateway. */
export interface GatewayStep {
  timeUs: number;
  /** What must be equal for a request to be the same one: verb and the fields that do not vary. */
  key: string;
  /** Null for hello. */
  request: RequestFields | null;
  /** Answers of a query, at times since it was asked; empty for the others, whose answers are in `agent`. */
  answer: AgentStep[];
}

/** The plan. `agent` waits for `gates`: a step is sent when all gates with earlier times have been passed. */
export interface ReplayScript {
  gates: GatewayStep[];
  queries: GatewayStep[];
  agent: AgentStep[];
  /** When and why the channel ended; null when the gateway closed it or the recording just stops. */
  end: { timeUs: number; reason: string } | null;
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

/** Makes the plan of a recording. */
export function readScript(records: RecordedBytes[]): ReplayScript {
  const script: ReplayScript = { gates: [], queries: [], agent: [], end: null };
  const queryById = new Map<number, GatewayStep>();
  const queryByStream = new Map<number, GatewayStep>();
  const takeGateway = (frame: Frame, timeUs: number): void => {
    if (frame.kind === FrameKind.hello) {
      script.gates.push({ timeUs, key: HELLO_KEY, request: null, answer: [] });
    } else if (frame.kind === FrameKind.request) {
      const request = JSON.parse(new TextDecoder().decode(frame.payload)) as RequestFields;
      const step: GatewayStep = { timeUs, key: requestKey(request), request, answer: [] };
      if (!isQuery(request)) {
        script.gates.push(step);
        return;
      }
      script.queries.push(step);
      queryById.set(request.id, step);
      for (const stream of streamsOf(request)) queryByStream.set(stream, step);
    }
  };
  const takeAgent = (frame: Frame, timeUs: number): void => {
    if (frame.kind === FrameKind.ping || frame.kind === FrameKind.pong) return;
    const query = frame.kind === FrameKind.reply ? queryById.get(replyId(frame)) : queryByStream.get(frame.stream);
    const step: AgentStep = { timeUs, kind: frame.kind, stream: frame.stream, payload: frame.payload.slice() };
    if (query === undefined) script.agent.push(step);
    else query.answer.push({ ...step, timeUs: timeUs - query.timeUs });
  };
  const decoders = { gateway: new FrameDecoder(), agent: new FrameDecoder() };
  for (const { side, timeUs, bytes } of records) {
    const time = Number(timeUs);
    if (side === RecordSide.gateway) decoders.gateway.push(bytes, frame => takeGateway(frame, time));
    else if (side === RecordSide.agent) decoders.agent.push(bytes, frame => takeAgent(frame, time));
    else if (bytes.length > 0) script.end = { timeUs: time, reason: new TextDecoder().decode(bytes) };
  }
  return script;
}

/** Numbers of the streams that a request opens. */
export function streamsOf(request: RequestFields): number[] {
  return STREAM_FIELDS.flatMap(field => (typeof request[field] === 'number' ? [request[field]] : []));
}

function replyId(frame: Frame): number {
  const reply = JSON.parse(new TextDecoder().decode(frame.payload)) as { id: number };
  return reply.id;
}
