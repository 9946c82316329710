import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { Presentation } from '../present/presentation.js';
import type { SpeakerWindow } from '../present/speaker-window.js';

/** Id of the command that presents the current notebook; also in schema/commands.json. */
const PRESENT = 'bpflab:present';

/** Presents the current notebook as slides over the whole window. */
export const presentPlugin: JupyterFrontEndPlugin<void> = {
  id: '@bpflab/extension:present',
  description: 'Presents a notebook as slides whose cells run.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ICommandPalette, ITranslator],
  activate: (app, tracker: INotebookTracker, palette: ICommandPalette | null, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('bpflab');
    let current: Presentation | null = null;
    let speaker: SpeakerWindow | null = null;
    const present = async (): Promise<void> => {
      const panel = tracker.currentWidget;
      if (panel === null || current !== null) {
        return;
      }
      const [{ Presentation }, { SpeakerWindow }] = await Promise.all([
        import('../present/presentation.js'),
        import('../present/speaker-window.js')
      ]);
      await panel.revealed;
      current = new Presentation({
        panel,
        trans,
        onMove: presentation => speaker?.show(presentation),
        onSpeaker: () => {
          if (speaker?.isOpen !== true) {
            speaker = SpeakerWindow.open(panel.content.rendermime, trans);
          }
          speaker?.focus();
          if (current !== null) {
            speaker?.show(current);
          }
        },
        onEnd: () => {
          speaker?.close();
          speaker = null;
          current = null;
        }
      });
    };
    app.commands.addCommand(PRESENT, {
      label: trans.__('Present Notebook'),
      caption: trans.__('Slides over the whole window; their cells run'),
      isEnabled: () => tracker.currentWidget !== null,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: present
    });
    tracker.currentChanged.connect(() => app.commands.notifyCommandChanged(PRESENT));
    palette?.addItem({ command: PRESENT, category: trans.__('eBPF') });
  }
};
