import { AgentRequestError } from '../../core/agent/agent-request-error.js';
import { encodeFrame } from '../../core/agent/encode-frame.js';
import { FrameDecoder } from '../../core/agent/frame-decoder.js';
import { ProtocolFault } from '../../core/agent/protocol-fault.js';
import type { AgentChannel, AgentConnection } from '../../core/index.js';
import {
  agentEventSchema,
  FrameKind,
  HEARTBEAT_MS,
  LabError,
  replySchema,
  requestSchema,
  resultSchemas,
  type AgentEvent,
  type AgentHello,
  type Frame,
  type FrameKindNumber,
  type Request,
  type Result,
  type Verb
} from '../../protocol/index.js';
import { AgentStreams, type StreamListener } from './agent-streams.js';

/** An agent that has sent nothing for so many heartbeats (20 s) is taken for dead. */
const SILENT_HEARTBEATS = 10;
/** Largest DATA payload that the gateway sends. */
const SEND_CHUNK_BYTES = 256 * 1024;
const NO_BYTES = new Uint8Array(0);

interface Pending {
  verb: Verb;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** Frames over one channel; made by `connectAgent`. */
export class FramedConnection {
  readonly #channel: AgentChannel;
  readonly #decoder = new FrameDecoder();
  readonly #streams: AgentStreams;
  readonly #pending = new Map<number, Pending>();
  readonly #eventListeners: ((event: AgentEvent) => void)[] = [];
  readonly #closeListeners: ((reason: string) => void)[] = [];
  readonly #text = new TextDecoder();
  readonly #heartbeat: NodeJS.Timeout;
  #nextId = 1;
  #nextStream = 1;
  #lostReason: string | null = null;
  #isClosing = false;
  #sentSinceBeat = false;
  #silentBeats = 0;
  #helloListener: ((frame: Frame) => void) | null = null;

  constructor(channel: AgentChannel) {
    this.#channel = channel;
    this.#streams = new AgentStreams((stream, bytes) => this.#sendU32(FrameKind.credit, stream, bytes));
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
    this.#heartbeat.unref();
    channel.onData(bytes => this.#receive(bytes));
    channel.onClose(reason => this.#lose(reason));
  }

  /** Called with the first frame, which must be the agent's hello, or with why none will come. */
  onHello(listener: (frame: Frame) => void, onLost: (reason: string) => void): void {
    this.#helloListener = listener;
    this.#whenLost(onLost);
  }

  /** The connection as its users see it, once the hello is known. */
  open(hello: AgentHello): AgentConnection {
    return {
      hello,
      request: (verb, fields) => this.#request(verb, fields),
      newStream: () => this.#nextStream++,
      onStream: (stream: number, listener: StreamListener) => this.#streams.listen(stream, listener),
      sendData: (stream, bytes) => this.#sendData(stream, bytes),
      sendEnd: stream => {
        this.#streams.closeOutbound(stream);
        this.#send({ kind: FrameKind.end, stream, payload: NO_BYTES });
      },
      onEvent: listener => void this.#eventListeners.push(listener),
      onClose: listener => this.#whenLost(listener),
      close: () => this.#close()
    };
  }

  /** One control frame on stream 0. */
  sendJson(kind: FrameKindNumber, value: unknown): void {
    this.#send({ kind, stream: 0, payload: new TextEncoder().encode(JSON.stringify(value)) });
  }

  #request<V extends Verb>(verb: V, fields: Omit<Extract<Request, { verb: V }>, 'id' | 'verb'>): Promise<Result<V>> {
    if (this.#lostReason !== null) {
      return Promise.reject(lostError(verb, this.#lostReason));
    }
    const id = this.#nextId++;
    const request = requestSchema.parse({ ...fields, id, verb });
    return new Promise((resolve, reject) => {
      const succeed = (result: unknown): void => {
        if (request.verb === 'subscribe') {
          this.#streams.widen(request.stream);
        }
        resolve(result as Result<V>);
      };
      this.#pending.set(id, { verb, resolve: succeed, reject });
      this.sendJson(FrameKind.request, request);
    });
  }

  async #sendData(stream: number, bytes: Uint8Array): Promise<void> {
    let at = 0;
    while (at < bytes.length) {
      const count = await this.#streams.takeCredit(stream, Math.min(SEND_CHUNK_BYTES, bytes.length - at));
      const payload = bytes.subarray(at, at + count);
      this.#sentSinceBeat = true;
      await this.#channel.write(encodeFrame({ kind: FrameKind.data, stream, payload }));
      at += count;
    }
  }

  async #close(): Promise<void> {
    if (this.#lostReason === null && !this.#isClosing) {
      this.#isClosing = true;
      // A target that dies while it says goodbye is gone all the same.
      await this.#request('bye', {}).catch(() => undefined);
    }
    clearInterval(this.#heartbeat);
    await this.#channel.close();
    this.#lose('it was closed');
  }

  #send(frame: Frame): void {
    if (this.#lostReason !== null) {
      return;
    }
    this.#sentSinceBeat = true;
    // A failed write is told by the channel's onClose, which knows the reason.
    this.#channel.write(encodeFrame(frame)).catch(() => undefined);
  }

  #sendU32(kind: FrameKindNumber, stream: number, value: number): void {
    const payload = new Uint8Array(4);
    new DataView(payload.buffer).setUint32(0, value, true);
    this.#send({ kind, stream, payload });
  }

  #receive(bytes: Uint8Array): void {
    this.#silentBeats = 0;
    if (this.#lostReason !== null) {
      return;
    }
    try {
      this.#decoder.push(bytes, frame => this.#dispatch(frame));
    } catch (error) {
      if (!(error instanceof ProtocolFault)) {
        throw error;
      }
      this.#lose(`the agent broke the protocol: ${error.message}`);
      void this.#channel.close();
    }
  }

  #dispatch(frame: Frame): void {
    if (frame.kind === FrameKind.data) {
      this.#streams.receive(frame.stream, frame.payload);
      return;
    }
    this.#dispatchControl(frame);
  }

  #dispatchControl(frame: Frame): void {
    switch (frame.kind) {
      case FrameKind.hello:
        this.#helloListener?.({ ...frame, payload: frame.payload.slice() });
        this.#helloListener = null;
        return;
      case FrameKind.reply:
        return this.#settle(this.#parse(frame.payload));
      case FrameKind.event:
        return this.#tell(this.#parse(frame.payload));
      case FrameKind.end:
        return this.#streams.receiveEnd(frame.stream);
      case FrameKind.credit:
        return this.#streams.receiveCredit(frame.stream, readU32(frame.payload));
      case FrameKind.ping:
        return this.#send({ kind: FrameKind.pong, stream: 0, payload: frame.payload.slice() });
      default:
        return;
    }
  }

  #parse(payload: Uint8Array): unknown {
    try {
      return JSON.parse(this.#text.decode(payload));
    } catch {
      throw new ProtocolFault('a control frame of no JSON');
    }
  }

  #settle(value: unknown): void {
    const parsed = replySchema.safeParse(value);
    if (!parsed.success) {
      throw new ProtocolFault(`a reply of another shape (${firstIssue(parsed.error)})`);
    }
    const reply = parsed.data;
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (pending === undefined) {
      return;
    }
    if (!reply.ok) {
      pending.reject(new AgentRequestError(pending.verb, reply.error));
      return;
    }
    const schema = pending.verb in resultSchemas ? resultSchemas[pending.verb as keyof typeof resultSchemas] : null;
    const result = schema === null ? { success: true as const, data: {} } : schema.safeParse(reply.result);
    if (result.success) {
      pending.resolve(result.data);
    } else {
      const message = `The agent's answer to "${pending.verb}" does not have the agreed shape.`;
      pending.reject(new LabError('BPFLAB_AGENT_PROTOCOL', message, { details: result.error.message }));
    }
  }

  #tell(value: unknown): void {
    const parsed = agentEventSchema.safeParse(value);
    if (!parsed.success) {
      throw new ProtocolFault(`an event of another shape (${firstIssue(parsed.error)})`);
    }
    for (const listener of this.#eventListeners) {
      listener(parsed.data);
    }
    // Only a worker or supervisor that died is swept while we listen: what we had in the target is gone.
    if (parsed.data.event === 'swept') {
      this.#lose(parsed.data.items.slice(0, 3).join(', '));
      void this.#channel.close();
    }
  }

  #beat(): void {
    this.#silentBeats += 1;
    if (this.#silentBeats > SILENT_HEARTBEATS) {
      this.#lose(`the agent sent nothing for ${(SILENT_HEARTBEATS * HEARTBEAT_MS) / 1000} s`);
      void this.#channel.close();
      return;
    }
    if (!this.#sentSinceBeat || this.#silentBeats > 1) {
      this.#send({ kind: FrameKind.ping, stream: 0, payload: new Uint8Array(8) });
    }
    this.#sentSinceBeat = false;
  }

  #whenLost(listener: (reason: string) => void): void {
    if (this.#lostReason === null) {
      this.#closeListeners.push(listener);
    } else {
      listener(this.#lostReason);
    }
  }

  #lose(reason: string): void {
    if (this.#lostReason !== null) {
      return;
    }
    this.#lostReason = reason;
    clearInterval(this.#heartbeat);
    for (const pending of this.#pending.values()) {
      pending.reject(lostError(pending.verb, reason));
    }
    this.#pending.clear();
    this.#streams.lose();
    for (const listener of this.#closeListeners.splice(0)) {
      listener(reason);
    }
  }
}

function lostError(verb: Verb, reason: string): LabError {
  return new LabError('BPFLAB_TARGET_LOST', `The target was lost during "${verb}": ${reason}.`);
}

function firstIssue(error: { issues: { path: PropertyKey[]; message: string }[] }): string {
  const issue = error.issues[0];
  return issue === undefined ? 'no issue' : `${issue.path.join('.')}: ${issue.message}`;
}

function readU32(payload: Uint8Array): number {
  if (payload.length !== 4) {
    throw new ProtocolFault('a credit frame of another size');
  }
  return new DataView(payload.buffer, payload.byteOffset, 4).getUint32(0, true);
}
