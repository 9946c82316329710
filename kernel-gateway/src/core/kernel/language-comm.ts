import { LabError, type LanguageAsk, type LanguageReply } from '../../protocol/index.js';
import type { Session } from '../session/ports.js';

/** Asks the session for an editor; a failure is an answer too. */
export async function answerLanguage(session: Session, id: number, ask: LanguageAsk): Promise<LanguageReply> {
  try {
    return { id, ok: true, answer: await session.language(ask) };
  } catch (error) {
    return { id, ok: false, ...LabError.of(error).told };
  }
}
