import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { defaultOutputSettings } from '../output-services.js';
import { pluginSettings } from '../plugin-settings.js';
import { gatewayWords } from '../session/gateway-words.js';
import { IOutputServices } from '../tokens.js';

/** Settings and language for outputs; its id is that of schema/plugin.json. */
export const outputServicesPlugin: JupyterFrontEndPlugin<IOutputServices> = {
  id: '@bpflab/extension:plugin',
  description: 'Settings and language of outputs.',
  autoStart: true,
  provides: IOutputServices,
  optional: [ISettingRegistry, ITranslator],
  activate: async (_app, settingRegistry: ISettingRegistry | null, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('bpflab');
    const settings = pluginSettings(settingRegistry, outputServicesPlugin.id, defaultOutputSettings);
    const language = translator?.languageCode ?? 'en';
    await gatewayWords.load(language);
    return { trans, language, settings };
  }
};
