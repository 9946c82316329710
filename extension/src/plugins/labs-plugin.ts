import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { ILauncher } from '@jupyterlab/launcher';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { CommandIDs } from '../commands.js';
import { listLabs } from '../labs/lab-catalog.js';

/** Rank of our first course on the launcher, before all other categories; the next courses follow it. */
const FIRST = -1;
const BETWEEN_COURSES = 0.01;

/** Launcher cards: a new notebook, and the lessons that the server offers, course by course, before everything else. */
export const labsPlugin: JupyterFrontEndPlugin<void> = {
  id: '@bpflab/extension:labs',
  description: 'Puts lessons on the launcher and into the palette.',
  autoStart: true,
  optional: [ILauncher, ICommandPalette, ITranslator],
  activate: (_app, launcher: ILauncher | null, palette: ICommandPalette | null, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('bpflab');
    const category = trans.__('Start here');
    launcher?.add({
      command: CommandIDs.newNotebook,
      args: { isLauncher: true },
      category,
      categoryRank: FIRST,
      rank: 1000
    });
    // Lessons are our server's; under another one there are none to list.
    if (PageConfig.getOption('bpflabServer') !== 'true') {
      return;
    }
    listLabs(translator?.languageCode ?? 'en')
      .then(labs => {
        const courses = [...new Set(labs.map(({ course }) => course))];
        labs.forEach(({ id, title, minutes, course }, rank) => {
          const args = { id, title, minutes };
          const categoryRank = FIRST + courses.indexOf(course) * BETWEEN_COURSES;
          launcher?.add({ command: CommandIDs.openLab, args, category: course, categoryRank, rank });
          palette?.addItem({ command: CommandIDs.openLab, args, category: course });
        });
      })
      .catch((error: unknown) => {
        Notification.warning(trans.__('The lessons cannot be listed: %1', String(error)));
      });
  }
};
