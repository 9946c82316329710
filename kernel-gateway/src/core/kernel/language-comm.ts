import { LabError, type LanguageAsk, type LanguageReply } from '../../protocol/index.js';
import type { Session } from '../session/ports.js';

/** Asks the session for an editor; a failure is an answer too. */
export async function answerLanguage(session: Session, id: number, ask: LanguageAsk): Promise<LanguageReply> {
  try {
    return { id, ok: true, answer: await session.language(ask) };
  } catch (error) {
    const known =
      error instanceof LabError
        ? error
        : new LabError('BPFLAB_INTERNAL', error instanceof Error ? error.message : String(error));
    const { code, message, hint } = known;
    return { id, ok: false, code, message, hint };
  }
}
