import { encodeFrame } from '../../core/agent/encode-frame.js';
import { FrameBacklog, isNumbered } from '../../core/agent/frame-backlog.js';
import { FrameDecoder } from '../../core/agent/frame-decoder.js';
import type { AgentChannel } from '../../core/index.js';
import { FrameKind, type Frame, type FrameKindNumber } from '../../protocol/index.js';
import { ChannelEnd } from './channel-end.js';

/** What the agent keeps for us (bpf/agent/limits.h), we keep for it. */
const BACKLOG_BYTES = 8 * 1024 * 1024;
/**
 * Shorter than the lease of a session on a node (TargetLink), after which the agent has swept what we would come back for.
 * An API server that is started anew takes ten seconds.
 */
const RESUME_MS = 18_000;
const RETRY_MS = 250;
const KIND_OFFSET = 4;

/** How a broken channel is opened anew. */
export interface ResumableParts {
  first: AgentChannel;
  /** Opens a channel to the same agent; `after` is the number of its frames that have come, for the command line. */
  reopen: (after: string) => Promise<AgentChannel>;
  /** Told in one sentence what goes on while the connection is away. */
  progress: (text: string) => void;
}

/**
 * A channel that outlives its connection: when that breaks, a new one is opened to the worker that still runs, and both
 * sides send again what the other missed. Nothing is lost within 8 MiB in each direction; when the agent does not know
 * the session any more or 18 s have gone, the channel closes as any other.
 *
 * Each `write` must be one whole frame, and the first one the hello.
 */
export class ResumableChannel implements AgentChannel {
  readonly #parts: ResumableParts;
  readonly #sent = new FrameBacklog(BACKLOG_BYTES);
  readonly #end = new ChannelEnd();
  readonly #early: Uint8Array[] = [];
  #current: AgentChannel | null = null;
  #dataListener: ((bytes: Uint8Array) => void) | null = null;
  #hello: Record<string, unknown> | null = null;
  #received = 0n;
  #isClosing = false;

  constructor(parts: ResumableParts) {
    this.#parts = parts;
    this.#use(parts.first, frame => this.#deliver(frame));
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#end.isReached) return Promise.reject(this.#end.error());
    this.#hello ??= JSON.parse(new TextDecoder().decode(payloadOf(bytes))) as Record<string, unknown>;
    if (isNumbered(bytes[KIND_OFFSET] as FrameKindNumber)) this.#sent.add(bytes);
    // While the connection is away, frames wait in the backlog: a resumed agent gets them from there.
    return this.#current?.write(bytes).catch(() => undefined) ?? Promise.resolve();
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#dataListener = listener;
    for (const bytes of this.#early.splice(0)) listener(bytes);
  }

  onClose(listener: (reason: string) => void): void {
    this.#end.listen(listener);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#current?.close();
    this.#lose('it was closed');
  }

  /** Reads frames of a channel. A frame that the break cut in two is dropped here: the agent sends it whole again. */
  #use(channel: AgentChannel, onFrame: (frame: Frame) => void): void {
    this.#current = channel;
    const decoder = new FrameDecoder();
    channel.onData(bytes => {
      if (this.#current !== channel) return;
      try {
        decoder.push(bytes, onFrame);
      } catch (error) {
        this.#lose(`the agent broke the protocol: ${(error as Error).message}`);
        void channel.close();
      }
    });
    channel.onClose(reason => {
      if (this.#current !== channel) return;
      this.#current = null;
      if (this.#isClosing || this.#received === 0n) this.#lose(reason);
      else void this.#resume(reason);
    });
  }

  #deliver(frame: Frame): void {
    if (isNumbered(frame.kind)) this.#received += 1n;
    const bytes = encodeFrame(frame);
    if (this.#dataListener === null) this.#early.push(bytes);
    else this.#dataListener(bytes);
  }

  async #resume(reason: string): Promise<void> {
    this.#parts.progress(`The connection to the agent broke (${reason}); it is taken up again.`);
    const until = performance.now() + RESUME_MS;
    while (!this.#isClosing) {
      try {
        const channel = await this.#parts.reopen(this.#received.toString());
        return this.#greet(channel, reason);
      } catch (error) {
        if (performance.now() > until) {
          const why = error instanceof Error ? error.message : String(error);
          return this.#lose(`${reason}, and it could not be taken up again: ${why}`);
        }
      }
      await new Promise(resolve => setTimeout(resolve, RETRY_MS));
    }
    this.#lose(reason);
  }

  /** Says who we are; the agent's hello says whether the session is still there, and what of ours it has. */
  #greet(channel: AgentChannel, reason: string): void {
    let isResumed = false;
    this.#use(channel, frame => {
      if (isResumed) return this.#deliver(frame);
      if (frame.kind !== FrameKind.hello) return;
      isResumed = true;
      const hello = JSON.parse(new TextDecoder().decode(frame.payload)) as { resumed?: boolean; received?: string };
      const missed = hello.resumed === true ? this.#sent.after(BigInt(hello.received ?? '0')) : null;
      if (missed === null) {
        this.#lose(`${reason}, and the agent has ended the session`);
        void channel.close();
        return;
      }
      for (const bytes of missed) channel.write(bytes).catch(() => undefined);
      this.#parts.progress('The connection to the agent is back; nothing was lost.');
    });
    const payload = new TextEncoder().encode(JSON.stringify({ ...this.#hello, after: this.#received.toString() }));
    channel.write(encodeFrame({ kind: FrameKind.hello, stream: 0, payload })).catch(() => undefined);
  }

  #lose(reason: string): void {
    this.#current = null;
    this.#end.reach(reason);
  }
}

/** The payload of one frame: what stands behind length, kind and stream. */
const payloadOf = (frame: Uint8Array): Uint8Array => frame.subarray(9);
