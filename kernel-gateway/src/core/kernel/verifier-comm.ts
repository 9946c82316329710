import { LabError, type VerifierMessage } from '../../protocol/index.js';
import { encodeUtf8 } from '../decode/encode-utf8.js';
import type { Session } from '../session/ports.js';

/** Larger messages would hold up what else the client is told. */
const PART_BYTES = 1024 * 1024;

const textOf = (data: unknown, name: string): string => {
  const value = typeof data === 'object' && data !== null ? (data as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' ? value : '';
};

/** Answers a comm that asks for a program's log: parts of it in order, then the end; or the failure. */
export async function sendVerifierLog(
  session: Session,
  data: unknown,
  send: (message: VerifierMessage, buffers: Uint8Array[]) => void
): Promise<void> {
  try {
    const { log, trace } = await session.verifierLog(textOf(data, 'run'), textOf(data, 'program'));
    const bytes = encodeUtf8(log);
    for (let at = 0; at < bytes.length; at += PART_BYTES) send({ type: 'part' }, [bytes.slice(at, at + PART_BYTES)]);
    send({ type: 'end', trace }, []);
  } catch (error) {
    send({ type: 'failed', ...LabError.of(error).told }, []);
  }
}
