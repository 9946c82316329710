/** What the session said against something: one sentence, and the next step. */
export interface IRefusal {
  message: string;
  hint: string;
}

/** A refusal in the language of the page (`zh_CN`, `en` …), which the gateway does not know. */
export async function refusalInLanguage<T extends IRefusal>(refusal: T, language: string): Promise<T> {
  if (!/^zh/i.test(language)) {
    return refusal;
  }
  return (await import('./refusal-words.js')).refusalWords(refusal, language);
}
