import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { NotebookPanel } from '@jupyterlab/notebook';
import type { TeamProposal } from 'kernel-gateway/protocol';
import { CommandIDs } from '../commands.js';
import { teamIcon } from '../icons.js';
import { LazyPanel } from '../lazy-panel.js';
import type { LabSessions } from '../session/lab-sessions.js';
import { ILabSessions, IOutputServices } from '../tokens.js';

/** Ids of the commands; also in schema/commands.json. */
const OPEN_TEAM = 'bpflab:open-team';
const WRITE_NOTE = 'bpflab:write-note';
const DISCUSS = 'bpflab:discuss';

const noArguments = { args: { type: 'object', properties: {} } } as const;

/** Kernel, target and programs of the notebook's session, for a note. */
function versionsOf(sessions: LabSessions): string {
  const status = sessions.current?.status ?? null;
  return status === null || status.arch === ''
    ? ''
    : `Linux ${status.kernel_release} (${status.arch}), ${status.target}, bpflab ${PageConfig.getOption('appVersion')}`;
}

/** Saves and closes the notebooks of a lab, in all its languages; false: one could not be saved. */
async function leaveLab(shell: JupyterFrontEnd.IShell, lab: string): Promise<boolean> {
  for (const widget of [...shell.widgets('main')]) {
    if (!(widget instanceof NotebookPanel) || !isNotebookOf(widget.context.path, lab)) {
      continue;
    }
    await widget.context.save();
    if (widget.context.model.dirty) {
      return false;
    }
    widget.close();
  }
  return true;
}

const isNotebookOf = (path: string, lab: string): boolean =>
  path.startsWith(`labs/${lab}.`) && path.split('/').length === lab.split('/').length + 1;

/** Progress, to-dos and reports of the team in the side bar, and a note from any cell. */
export const teamPlugin: JupyterFrontEndPlugin<void> = {
  id: '@bpflab/extension:team',
  description: 'Notes, progress, to-dos and reports of a team.',
  autoStart: true,
  requires: [ILabSessions, IOutputServices],
  optional: [ICommandPalette],
  activate: (app, sessions: ILabSessions, services: IOutputServices, palette: ICommandPalette | null) => {
    if (PageConfig.getOption('bpflabServer') !== 'true') {
      return;
    }
    const { trans } = services;
    const { commands, shell } = app;
    const writeNote = async (proposal?: TeamProposal): Promise<void> => {
      const [{ askForNote }, { changeTeam }] = await Promise.all([
        import('../team/note-dialog.js'),
        import('../team/team-client.js')
      ]);
      const start = { trans, panel: sessions.currentPanel, versions: versionsOf(sessions) };
      const note = await askForNote(proposal === undefined ? start : { ...start, panel: null, proposal });
      if (note === null) {
        return;
      }
      try {
        await changeTeam(note);
      } catch (error) {
        Notification.error(error instanceof Error ? error.message : String(error), { autoClose: 10_000 });
      }
    };
    const place = new LazyPanel({
      id: 'bpflab-team',
      icon: teamIcon,
      caption: trans.__('Team'),
      load: async () => {
        const { TeamPanel } = await import('../team/team-panel.js');
        return new TeamPanel({
          trans,
          language: services.language,
          writeNote,
          open: path => void commands.execute('docmanager:open', { path }),
          leaveLab: lab => leaveLab(shell, lab),
          openLab: id => void commands.execute(CommandIDs.openLab, { id })
        });
      }
    });
    shell.add(place, 'right', { rank: 910, type: 'eBPF Team' });
    commands.addCommand(OPEN_TEAM, {
      label: trans.__('Team'),
      caption: trans.__('Progress, to-dos and reports of everyone in this workspace'),
      icon: teamIcon,
      describedBy: noArguments,
      execute: () => shell.activateById(place.id)
    });
    commands.addCommand(WRITE_NOTE, {
      label: trans.__('Write Note…'),
      caption: trans.__('Add a note to the log of today, with the cell if you want'),
      describedBy: noArguments,
      execute: () => writeNote()
    });
    commands.addCommand(DISCUSS, {
      label: trans.__('Discuss Cell…'),
      caption: trans.__('Begin a discussion about this cell, as a file of the team'),
      describedBy: noArguments,
      execute: async () => {
        const [{ askForDiscussion }, { changeTeam }] = await Promise.all([
          import('../team/note-dialog.js'),
          import('../team/team-client.js')
        ]);
        const command = await askForDiscussion(sessions.currentPanel, trans);
        if (command === null) {
          return;
        }
        try {
          const [path] = await changeTeam(command);
          await commands.execute('docmanager:open', { path });
        } catch (error) {
          Notification.error(error instanceof Error ? error.message : String(error), { autoClose: 10_000 });
        }
      }
    });
    for (const command of [OPEN_TEAM, WRITE_NOTE, DISCUSS]) {
      palette?.addItem({ command, category: trans.__('eBPF') });
    }
  }
};
