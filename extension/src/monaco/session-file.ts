import { InputDialog, Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { DefinitionAnswer } from 'kernel-gateway/protocol';
import { LanguageClient } from '../editor/language-client.js';
import type { LabSession } from '../session/lab-session.js';
import { languageOf } from './code-document.js';
import type { CodeTabs } from './code-tabs.js';

/** Opens a file of the session (to be edited), or a header of the compiler (to be read), at a place. */
export async function openPlace(
  tabs: CodeTabs,
  session: LabSession,
  place: Pick<DefinitionAnswer, 'path' | 'line' | 'column'> & { origin: 'session' | 'header' },
  trans: TranslationBundle
): Promise<void> {
  const { origin, path, line, column } = place;
  const client = LanguageClient.of(session);
  const text = await client.ask({ kind: 'read_file', origin, path });
  const isHeader = origin === 'header';
  await tabs.open({
    id: `bpflab-${origin}-${session.status?.session ?? ''}-${path}`,
    title: path.slice(path.lastIndexOf('/') + 1),
    caption: isHeader ? trans.__('%1, read-only', path) : path,
    text,
    language: languageOf(path),
    line,
    column,
    ...(isHeader
      ? {}
      : {
          save: async (changed: string): Promise<void> => {
            await LanguageClient.of(session).ask({ kind: 'write_file', path, text: changed });
          }
        })
  });
}

/** Lets the user choose a file of the session and opens it; a name that is new makes a new file. */
export async function openSessionFile(tabs: CodeTabs, session: LabSession, trans: TranslationBundle): Promise<void> {
  const client = LanguageClient.of(session);
  const files = await client.ask({ kind: 'list_files' });
  const choice = await InputDialog.getItem({
    title: trans.__('Open File of the Session'),
    label:
      files.length === 0
        ? trans.__('There is no file yet. Name a new one:')
        : trans.__('Choose a file, or name a new one:'),
    items: files.map(file => file.path),
    editable: true
  });
  const path = choice.value ?? '';
  if (!choice.button.accept || path === '') {
    return;
  }
  try {
    if (!files.some(file => file.path === path)) {
      await client.ask({ kind: 'write_file', path, text: '' });
    }
    await openPlace(tabs, session, { origin: 'session', path, line: 1, column: 1 }, trans);
  } catch (error) {
    Notification.error((error as Error).message, { autoClose: 10_000 });
  }
}
