import { gatewayWords } from './gateway-words.js';

/** What the session said against something: one sentence, and the next step. */
export interface IRefusal {
  message: string;
  hint: string;
}

/** A refusal in the language of the page (`zh_CN`, `en` …). */
export const refusalInLanguage = <T extends IRefusal>(refusal: T, language: string): T => ({
  ...refusal,
  message: gatewayWords.say(refusal.message, language),
  hint: gatewayWords.say(refusal.hint, language)
});
