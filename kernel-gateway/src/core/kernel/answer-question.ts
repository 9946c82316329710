import { LabError } from '../../protocol/index.js';

/** What comes back to a question of a comm, under the question's number. */
type Answer<A> =
  | { type: 'answer'; request: number; answer: A }
  | { type: 'failed'; request: number; code: string; message: string; hint: string };

/** Asks the session what came over a comm; a failure is an answer too, and so is a fault of ours. Null: it was no question. */
export async function answerQuestion<Q extends { request: number }, A>(
  question: Q | undefined,
  ask: (question: Q) => Promise<A>
): Promise<Answer<A> | null> {
  if (question === undefined) return null;
  const { request } = question;
  try {
    return { type: 'answer', request, answer: await ask(question) };
  } catch (error) {
    return { type: 'failed', request, ...LabError.of(error).told };
  }
}
