import { createWriteStream, type WriteStream } from 'node:fs';
import { encodeFrame } from '../../core/agent/encode-frame.js';
import { FrameDecoder } from '../../core/agent/frame-decoder.js';
import { ProtocolFault } from '../../core/agent/protocol-fault.js';
import type { AgentChannel } from '../../core/index.js';
import { LabError } from '../../protocol/index.js';
import {
  encodeHeader,
  encodeRecord,
  RecordSide,
  type RecordedStep,
  type RecordingHeader,
  type RecordSideNumber
} from './recording-format.js';

/** Bytes that may wait for the disk; a session that makes more is not recorded further. */
const MAX_WAITING_BYTES = 128 * 1024 * 1024;
/** Channels are numbered in one byte. */
const MAX_CHANNELS = 256;

/**
 * Writes down a session: its channels' frames, its cells, the times of all. The file is whole when `close` resolves.
 * What goes wrong with the file is told once and ends the recording, never the session.
 */
export class SessionRecording {
  /** Absolute path. */
  readonly file: string;
  readonly #output: WriteStream;
  readonly #flushed: Promise<void>;
  readonly #onError: (error: Error) => void;
  readonly #startNs = process.hrtime.bigint();
  #channels = 0;
  #isEnded = false;

  private constructor(file: string, output: WriteStream, onError: (error: Error) => void) {
    this.file = file;
    this.#output = output;
    this.#onError = onError;
    this.#flushed = new Promise(resolve => output.once('close', resolve));
    output.on('error', error => this.#fail(error));
  }

  /**
   * Makes the file, which must not be there unless `replace`.
   *
   * @throws LabError `BPFLAB_FILE_PATH`
   */
  static async begin(
    file: string,
    header: Omit<RecordingHeader, 'recorded_at'>,
    options: { replace: boolean; onError: (error: Error) => void }
  ): Promise<SessionRecording> {
    const output = createWriteStream(file, { flags: options.replace ? 'w' : 'wx' });
    await new Promise<void>((resolve, reject) => output.once('open', () => resolve()).once('error', reject)).catch(
      (error: NodeJS.ErrnoException) => {
        const why = error.code === 'EEXIST' ? 'there is a file of that name' : (error.code ?? error.message);
        throw new LabError('BPFLAB_FILE_PATH', `The recording "${file}" was not begun — ${why}.`, { cause: error });
      }
    );
    output.write(encodeHeader({ ...header, recorded_at: new Date().toISOString() }));
    return new SessionRecording(file, output, options.onError);
  }

  /** Whether it still takes something. */
  get isOpen(): boolean {
    return !this.#isEnded;
  }

  /** Notes what the person did. */
  step(step: RecordedStep): void {
    this.#note(RecordSide.cell, 0, Buffer.from(JSON.stringify(step)));
  }

  /** The same channel, with everything that goes over it written down. The new channel owns the old one. */
  wrap(channel: AgentChannel, { target, session }: { target: string; session: string }): AgentChannel {
    const number = this.#channels++;
    if (number >= MAX_CHANNELS) {
      this.#fail(new Error('the session has opened too many targets'));
      return channel;
    }
    this.#note(RecordSide.opened, number, Buffer.from(JSON.stringify({ target, session })));
    const take = { gateway: this.#frames(RecordSide.gateway, number), agent: this.#frames(RecordSide.agent, number) };
    let isClosed = false;
    const closed = (reason: string): void => {
      if (!isClosed) this.#note(RecordSide.closed, number, Buffer.from(reason));
      isClosed = true;
    };
    const lost = new Promise<string>(resolve => channel.onClose(resolve)).then(reason => {
      closed(reason);
      return reason;
    });
    return {
      write: bytes => {
        take.gateway(bytes);
        return channel.write(bytes);
      },
      onData: listener =>
        channel.onData(bytes => {
          take.agent(bytes);
          listener(bytes);
        }),
      onClose: listener => void lost.then(listener),
      close: () => {
        closed('');
        return channel.close();
      }
    };
  }

  /** Ends the recording; resolves when the file is whole. */
  close(): Promise<void> {
    this.#isEnded = true;
    this.#output.end();
    return this.#flushed;
  }

  /** Cuts bytes into frames: a record is a whole one, so that a reader can begin at any. */
  #frames(side: RecordSideNumber, channel: number): (bytes: Uint8Array) => void {
    const decoder = new FrameDecoder();
    let isBroken = false;
    return bytes => {
      if (isBroken || this.#isEnded) return;
      try {
        decoder.push(bytes, frame => this.#note(side, channel, encodeFrame(frame)));
      } catch (error) {
        // The connection meets the same fault and ends the channel with its reason.
        if (!(error instanceof ProtocolFault)) throw error;
        isBroken = true;
      }
    };
  }

  #note(side: RecordSideNumber, channel: number, bytes: Uint8Array): void {
    if (this.#isEnded) return;
    const timeUs = (process.hrtime.bigint() - this.#startNs) / 1000n;
    this.#output.write(encodeRecord({ side, channel, timeUs, bytes }));
    if (this.#output.writableLength > MAX_WAITING_BYTES) this.#fail(new Error('the disk is slower than the session'));
  }

  #fail(error: Error): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#output.destroy();
    this.#onError(error);
  }
}
