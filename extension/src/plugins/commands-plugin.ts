import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { addCommands, CommandIDs } from '../commands.js';
import { ILabSessions } from '../tokens.js';

/** Commands, also in the palette; their places in menu and toolbar are in schema/commands.json. */
export const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: '@bpflab/extension:commands',
  description: 'Adds commands for the session of a notebook, for new notebooks and for lessons.',
  autoStart: true,
  requires: [ILabSessions],
  optional: [ICommandPalette, ITranslator],
  activate: (app, sessions: ILabSessions, palette: ICommandPalette | null, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('bpflab');
    addCommands({ app, sessions, trans, language: translator?.languageCode ?? 'en' });
    for (const command of Object.values(CommandIDs).filter(id => id !== CommandIDs.openLab)) {
      palette?.addItem({ command, category: trans.__('eBPF') });
    }
  }
};
