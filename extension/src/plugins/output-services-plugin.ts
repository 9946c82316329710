import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { defaultOutputSettings } from '../output-services.js';
import { pluginSettings } from '../plugin-settings.js';
import { IOutputServices } from '../tokens.js';

/** Settings and language for outputs; its id is that of schema/plugin.json. */
export const outputServicesPlugin: JupyterFrontEndPlugin<IOutputServices> = {
  id: '@bpflab/extension:plugin',
  description: 'Settings and language of outputs.',
  autoStart: true,
  provides: IOutputServices,
  optional: [ISettingRegistry, ITranslator],
  activate: (_app, settingRegistry: ISettingRegistry | null, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('bpflab');
    const settings = pluginSettings(settingRegistry, outputServicesPlugin.id, defaultOutputSettings);
    return { trans, language: translator?.languageCode ?? 'en', settings };
  }
};
