import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IThemeManager } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { defaultEditorSettings } from '../editor/editor-services.js';
import { CodeTabs } from '../monaco/code-tabs.js';
import { pluginSettings } from '../plugin-settings.js';
import { IEditorServices } from '../tokens.js';

/** Settings and Monaco tabs of editors; its id is that of schema/editor.json. */
export const editorPlugin: JupyterFrontEndPlugin<IEditorServices> = {
  id: '@bpflab/extension:editor',
  description: 'Settings of editors, and tabs for files and comparisons.',
  autoStart: true,
  provides: IEditorServices,
  optional: [ISettingRegistry, IThemeManager, ITranslator],
  activate: (app, registry: ISettingRegistry | null, themes: IThemeManager | null, translator: ITranslator | null) => {
    const language = translator ?? nullTranslator;
    const trans = language.load('bpflab');
    const settings = pluginSettings(registry, editorPlugin.id, defaultEditorSettings);
    return { trans, tabs: new CodeTabs(app, language, themes), settings };
  }
};
