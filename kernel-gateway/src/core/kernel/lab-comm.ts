import { LabError, labRequestSchema, type LabReply } from '../../protocol/index.js';
import type { Session } from '../session/ports.js';

/** Asks the lab of the session for a front end; a failure is an answer too. Null: what came is no request. */
export async function answerLab(session: Session, data: unknown): Promise<LabReply | null> {
  const parsed = labRequestSchema.safeParse(data);
  if (!parsed.success) return null;
  const { request } = parsed.data;
  try {
    return { type: 'answer', request, answer: await session.askLab(parsed.data) };
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    const { code, message, hint } = error;
    return { type: 'failed', request, code, message, hint };
  }
}
