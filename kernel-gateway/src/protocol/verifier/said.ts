/** A sentence or a part of one in both languages. */
export interface Said {
  en: string;
  zh: string;
}

/** The language's own text, by its code in Jupyter (`zh_CN`, `zh-CN`, `en`, `default`). */
export const inLanguage = (said: Said, language: string): string => (/^zh/i.test(language) ? said.zh : said.en);
