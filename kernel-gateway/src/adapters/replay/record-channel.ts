import { createWriteStream } from 'node:fs';
import type { AgentChannel } from '../../core/index.js';
import { encodeHeader, encodeRecord, RecordSide, type RecordSideNumber } from './recording-format.js';

/** What `recordChannel` needs. */
export interface RecordChannelOptions {
  channel: AgentChannel;
  /** Made anew; an older one with that name is replaced. */
  file: string;
  target: string;
  session: string;
  /** Called once when the file cannot be written any more; the channel itself goes on. */
  onError: (error: Error) => void;
}

/**
 * The same channel, with everything that goes over it also written to a recording file. The new channel owns the old
 * one; the file is whole when `close` resolves or the channel's end has been told.
 */
export function recordChannel({ channel, file, target, session, onError }: RecordChannelOptions): AgentChannel {
  const output = createWriteStream(file);
  output.once('error', onError);
  const flushed = new Promise<void>(resolve => output.once('close', resolve));
  output.write(encodeHeader({ target, session, recorded_at: new Date().toISOString() }));
  let startNs: bigint | null = null;
  const note = (side: RecordSideNumber, bytes: Uint8Array): void => {
    if (!output.writable) return;
    const nowNs = process.hrtime.bigint();
    startNs ??= nowNs;
    output.write(encodeRecord({ side, timeUs: (nowNs - startNs) / 1000n, bytes }));
  };
  const finish = (reason: string): Promise<void> => {
    note(RecordSide.closed, Buffer.from(reason));
    if (output.writable) output.end();
    return flushed;
  };
  const lost = new Promise<string>(resolve => channel.onClose(resolve)).then(async reason => {
    await finish(reason);
    return reason;
  });
  return {
    write: bytes => {
      note(RecordSide.gateway, bytes);
      return channel.write(bytes);
    },
    onData: listener =>
      channel.onData(bytes => {
        note(RecordSide.agent, bytes);
        listener(bytes);
      }),
    onClose: listener => void lost.then(listener),
    close: async () => {
      const finished = finish('');
      await channel.close();
      await finished;
    }
  };
}
