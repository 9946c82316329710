type InLanguage = (text: string, language: string) => string;

let inLanguage: InLanguage | null = null;

/**
 * What the gateway says, in the language of the page (`zh_CN`, `en` …), which the gateway does not know. The texts are many,
 * and English needs none of them: they are loaded with a page of another language, before its first output.
 */
export const gatewayWords = {
  /** Resolves when `say` knows the language. */
  async load(language: string): Promise<void> {
    if (/^zh/i.test(language)) {
      inLanguage = (await import('./gateway-texts.js')).gatewayText;
    }
  },

  say: (text: string, language: string): string => inLanguage?.(text, language) ?? text
};
