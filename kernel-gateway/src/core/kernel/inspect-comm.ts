import { inspectRequestSchema, LabError, type InspectReply } from '../../protocol/index.js';
import type { Session } from '../session/ports.js';

/** Asks the session for an inspector; a failure is an answer too. Null: what came is no request. */
export async function answerInspector(session: Session, data: unknown): Promise<InspectReply | null> {
  const parsed = inspectRequestSchema.safeParse(data);
  if (!parsed.success) return null;
  const { request } = parsed.data;
  try {
    return { type: 'answer', request, answer: await session.examine(parsed.data) };
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    const { code, message, hint } = error;
    return { type: 'failed', request, code, message, hint };
  }
}
