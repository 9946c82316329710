import type { ISettingRegistry } from '@jupyterlab/settingregistry';
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

/** The settings of a plugin; the defaults where there are none. */
export function editorSettings(registry: ISettingRegistry | null, plugin: string): IEditorSettings {
  const settings: IEditorSettings = { diagnosticsWhileTyping: true, signatureHelp: true, formatStyle: 'lab' };
  registry
    ?.load(plugin)
    .then(loaded => {
      const apply = (): void => {
        Object.assign(settings, loaded.composite);
      };
      loaded.changed.connect(apply);
      apply();
    })
    .catch(() => {
      // Without settings the defaults hold.
    });
  return settings;
}
