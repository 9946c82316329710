import type { TranslationBundle } from '@jupyterlab/translation';
import type { CodeTabs } from '../monaco/code-tabs.js';

/** Settings of editors, kept up to date: they are asked at each use. */
export interface IEditorSettings {
  diagnosticsWhileTyping: boolean;
  signatureHelp: boolean;
  /** "lab", "kernel" or "llvm". */
  formatStyle: string;
}

/** What all that belongs to editors shares. */
export interface IEditorServices {
  settings: IEditorSettings;
  tabs: CodeTabs;
  trans: TranslationBundle;
}

/** Defaults, as in the schema. */
export const defaultEditorSettings: IEditorSettings = {
  diagnosticsWhileTyping: true,
  signatureHelp: true,
  formatStyle: 'lab'
};
