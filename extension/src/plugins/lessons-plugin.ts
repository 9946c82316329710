import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, InputDialog, Notification } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { ILauncher } from '@jupyterlab/launcher';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import { DisposableSet } from '@lumino/disposable';
import { lessonIcon } from '../icons.js';
import { importLessons, listCourses, type ImportLine } from '../labs/lesson-import.js';
import { refusalInLanguage } from '../session/refusal-in-language.js';

const IMPORT = 'bpflab:import-lessons';
const OPEN = 'bpflab:open-lesson';
/** An address, for its form. */
const EXAMPLE = 'https://github.com/libbpf/libbpf-bootstrap';
/** Rank of courses on the launcher: behind our own lessons. */
const BEHIND_LABS = -0.5;

/** Imports lessons of repositories, and shows the courses that were imported on the launcher and in the palette. */
export const lessonsPlugin: JupyterFrontEndPlugin<void> = {
  id: '@bpflab/extension:lessons',
  description: 'Imports lessons of other repositories and lists them.',
  autoStart: true,
  optional: [ILauncher, ICommandPalette, ITranslator],
  activate: (app, launcher: ILauncher | null, palette: ICommandPalette | null, translator: ITranslator | null) => {
    // The importer is our server's.
    if (PageConfig.getOption('bpflabServer') !== 'true') {
      return;
    }
    const trans = (translator ?? nullTranslator).load('bpflab');
    const language = translator?.languageCode ?? 'en';
    let shown = new DisposableSet();
    const refresh = async (): Promise<void> => {
      const courses = await listCourses(language);
      shown.dispose();
      shown = new DisposableSet();
      for (const { title: category, lessons } of courses) {
        lessons.forEach(({ title, path }, rank) => {
          const args = { title, path };
          const card = launcher?.add({ command: OPEN, args, category, categoryRank: BEHIND_LABS, rank });
          const item = palette?.addItem({ command: OPEN, args, category });
          for (const each of [card, item]) {
            if (each) {
              shown.add(each);
            }
          }
        });
      }
    };
    addCommands(app, { trans, language, refresh });
    const category = trans.__('Start here');
    launcher?.add({ command: IMPORT, category, categoryRank: -1, rank: 1001 });
    palette?.addItem({ command: IMPORT, category });
    refresh().catch((error: unknown) => {
      Notification.warning(trans.__('The lessons cannot be listed: %1', String(error)));
    });
  }
};

interface IImportContext {
  trans: TranslationBundle;
  language: string;
  /** Shows the courses that there are now. */
  refresh: () => Promise<void>;
}

function addCommands(app: JupyterFrontEnd, context: IImportContext): void {
  const { trans } = context;
  app.commands.addCommand(OPEN, {
    label: args => (typeof args['title'] === 'string' ? args['title'] : trans.__('Open Lesson')),
    caption: args => (typeof args['path'] === 'string' ? args['path'] : ''),
    icon: lessonIcon,
    describedBy: {
      args: {
        type: 'object',
        required: ['path'],
        properties: {
          path: { type: 'string', description: trans.__('Path of the notebook') },
          title: { type: 'string', description: trans.__('Title for menus') }
        }
      }
    },
    execute: args => app.commands.execute('docmanager:open', { path: args['path'] ?? '' })
  });
  app.commands.addCommand(IMPORT, {
    label: trans.__('Import Lessons…'),
    caption: trans.__('Make notebooks of the lessons of a cloned repository or a git address'),
    icon: lessonIcon,
    describedBy: {
      args: {
        type: 'object',
        properties: { source: { type: 'string', description: trans.__('Folder on the server, or git address') } }
      }
    },
    execute: async args => {
      const source = typeof args['source'] === 'string' ? args['source'] : await askSource(trans);
      if (source !== '') {
        await runImport(app, source, context);
      }
    }
  });
}

async function askSource(trans: TranslationBundle): Promise<string> {
  const { value, button } = await InputDialog.getText({
    title: trans.__('Import Lessons'),
    label: trans.__('Folder on the server, or git address'),
    placeholder: EXAMPLE,
    okLabel: trans.__('Import')
  });
  return button.accept ? (value ?? '').trim() : '';
}

/** Progress is a notification that changes, and ends as what came of it. */
async function runImport(app: JupyterFrontEnd, source: string, context: IImportContext): Promise<void> {
  const { trans, language, refresh } = context;
  const id = Notification.emit(trans.__('Importing %1', source), 'in-progress', { autoClose: false });
  let last: ImportLine | null = null;
  try {
    for await (const line of importLessons(source, language)) {
      last = line;
      if (line.type === 'progress' && line.total > 0) {
        const message = trans.__('Importing lessons: %1 of %2, %3', line.done, line.total, line.lesson);
        Notification.update({ id, message, progress: line.done / line.total });
      }
    }
  } catch (error) {
    last = { type: 'error', code: '', message: String(error), hint: '' };
  }
  if (last?.type !== 'done') {
    const words = last?.type === 'error' ? refusalInLanguage(last, language) : null;
    const reason = words === null ? trans.__('the connection was lost') : `${words.message} ${words.hint}`;
    Notification.update({
      id,
      type: 'error',
      autoClose: false,
      message: trans.__('The lessons were not imported: %1', reason)
    });
    return;
  }
  const { folder, lessons, kept } = last;
  const message = trans._n('%1 lesson is in %2.', '%1 lessons are in %2.', lessons, folder);
  const note = kept.length === 0 ? '' : ` ${trans.__('Kept as you changed them: %1', kept.join(', '))}`;
  const show = {
    label: trans.__('Show'),
    callback: () => void app.commands.execute('filebrowser:open-path', { path: folder })
  };
  Notification.update({ id, type: 'success', message: message + note, autoClose: 10_000, actions: [show] });
  await refresh();
}
