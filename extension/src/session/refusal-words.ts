/** Loaded with the first refusal of a page that is not in English: the texts are many. */
import { gatewayText } from 'kernel-gateway/protocol';

/** A refusal's sentence and next step in the language of the page. */
export const refusalWords = <T extends { message: string; hint: string }>(refusal: T, language: string): T => ({
  ...refusal,
  message: gatewayText(refusal.message, language),
  hint: gatewayText(refusal.hint, language)
});
