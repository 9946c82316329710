import type { TranslationBundle } from '@jupyterlab/translation';

/** What users can set about outputs (schema/plugin.json). */
export interface IOutputSettings {
  /** Rows that a table shows before it scrolls. */
  visibleRows: number;
  /** Whether tables of living events start at their end. */
  follow: boolean;
  /** Histograms shown of a map with many keys, the fullest first. */
  histograms: number;
}

/** Defaults, as in the schema. */
export const defaultOutputSettings: IOutputSettings = { visibleRows: 12, follow: true, histograms: 12 };

/** What a client needs to say that nobody answers, and to tell a refusal in the language of the page. */
export interface IRefusalWords {
  trans: Pick<TranslationBundle, '__'>;
  language: string;
}

/** The language of the page: our texts in it, and its code for texts of the gateway. */
export interface IPageWords extends IRefusalWords {
  trans: TranslationBundle;
  /** Code of the user's language, as Jupyter has it: `zh_CN`, `en`, `default`. */
  language: string;
}

/** What every output needs from the application. */
export interface IOutputServices extends IPageWords {
  /** Read when an output is drawn for the first time. */
  readonly settings: IOutputSettings;
}
