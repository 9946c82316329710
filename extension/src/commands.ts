import type { JupyterFrontEnd } from '@jupyterlab/application';
import { InputDialog, showErrorMessage } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { refreshIcon, stopIcon, terminalIcon } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { labIcon, lessonIcon, targetIcon } from './icons.js';
import { openLab } from './labs/lab-catalog.js';
import { choosePodTerminal } from './choose-pod-terminal.js';
import type { LabSessions } from './session/lab-sessions.js';
import { liveRuns } from './session/target-state.js';

/** Ids of our commands. */
export const CommandIDs = {
  newNotebook: 'bpflab:new-notebook',
  openLab: 'bpflab:open-lab',
  openPodTerminal: 'bpflab:open-pod-terminal',
  openTerminal: 'bpflab:open-target-terminal',
  reset: 'bpflab:reset-session',
  selectTarget: 'bpflab:select-target',
  stopAll: 'bpflab:stop-all'
} as const;

/** Name of our kernel's kernelspec. */
const KERNEL_NAME = 'bpflab';

/** Targets that a session can use (`BPFLAB_TARGET_UNKNOWN` in the error table names the same). */
const TARGETS = ['vm', 'host', 'replay'];

const noArguments = { args: { type: 'object', properties: {} } } as const;

/** What the commands work on. */
export interface ICommandContext {
  app: JupyterFrontEnd;
  sessions: LabSessions;
  trans: TranslationBundle;
  /** For lessons, such as `zh-CN`. */
  language: string;
}

function addSessionCommands({ app, sessions, trans }: ICommandContext): void {
  const { commands } = app;
  const isLab = (): boolean => sessions.current?.isLab ?? false;
  commands.addCommand(CommandIDs.stopAll, {
    label: trans.__('Stop All Runs'),
    caption: trans.__('Detach every program of this notebook and end its processes'),
    icon: stopIcon,
    describedBy: noArguments,
    isEnabled: () => liveRunsOf(sessions) > 0,
    isVisible: isLab,
    execute: () => sessions.current?.send({ type: 'stop_all' })
  });
  commands.addCommand(CommandIDs.reset, {
    label: trans.__('Reset Target'),
    caption: trans.__('Stop all runs and give this notebook a fresh kernel to run on'),
    icon: refreshIcon,
    describedBy: noArguments,
    isEnabled: isLab,
    isVisible: isLab,
    execute: () => sessions.current?.send({ type: 'reset' })
  });
  commands.addCommand(CommandIDs.selectTarget, {
    label: trans.__('Select Target…'),
    caption: trans.__('Choose where the programs of this notebook run'),
    icon: targetIcon,
    describedBy: noArguments,
    isEnabled: isLab,
    isVisible: isLab,
    execute: () => selectTarget(sessions, trans)
  });
  commands.addCommand(CommandIDs.openPodTerminal, {
    label: trans.__('Open Terminal in a Pod…'),
    caption: trans.__('A shell in a container of the cluster, or in the agent of a node'),
    icon: terminalIcon,
    describedBy: noArguments,
    execute: async () => {
      const name = await choosePodTerminal(trans);
      if (name !== null) {
        await commands.execute('terminal:create-new', { name });
      }
    }
  });
  commands.addCommand(CommandIDs.openTerminal, {
    label: trans.__('Open Target Terminal'),
    caption: trans.__('A shell on the kernel that this notebook uses'),
    icon: terminalIcon,
    describedBy: noArguments,
    isEnabled: isLab,
    isVisible: isLab,
    execute: () => {
      const kernel = sessions.current?.kernel ?? null;
      // The gateway opens a terminal of that name in the target of this kernel's session.
      return kernel === null ? undefined : commands.execute('terminal:create-new', { name: `target-${kernel.id}` });
    }
  });
}

const liveRunsOf = (sessions: LabSessions): number => {
  const status = sessions.current?.status ?? null;
  return status === null ? 0 : liveRuns(status);
};

async function selectTarget(sessions: LabSessions, trans: TranslationBundle): Promise<void> {
  const session = sessions.current;
  const status = session?.status ?? null;
  if (session === null || status === null) {
    return;
  }
  const choice = await InputDialog.getItem({
    title: trans.__('Select Target'),
    label: trans.__('Programs of this notebook run on:'),
    items: [...new Set([status.target, ...TARGETS])].filter(name => name !== ''),
    current: status.target,
    editable: true
  });
  if (choice.button.accept && choice.value !== null && choice.value !== '' && choice.value !== status.target) {
    session.send({ type: 'target', target: choice.value, kernel: null });
  }
}

/** A text argument of a command; empty when it is not given. */
function textArgument(args: ReadonlyPartialJSONObject, name: string): string {
  const value = args[name];
  return typeof value === 'string' ? value : '';
}

function addFileCommands({ app, trans, language }: ICommandContext): void {
  const { commands } = app;
  commands.addCommand(CommandIDs.newNotebook, {
    label: args => (args['isLauncher'] === true ? trans.__('eBPF Notebook') : trans.__('New eBPF Notebook')),
    caption: trans.__('Create a notebook whose cells are BPF programs'),
    icon: labIcon,
    describedBy: {
      args: {
        type: 'object',
        properties: {
          cwd: { type: 'string', description: trans.__('Folder for the notebook') },
          isLauncher: { type: 'boolean', description: trans.__('Whether it is shown on a launcher card') }
        }
      }
    },
    execute: args =>
      commands.execute('notebook:create-new', { kernelName: KERNEL_NAME, cwd: textArgument(args, 'cwd') })
  });
  commands.addCommand(CommandIDs.openLab, {
    label: args => (typeof args['title'] === 'string' ? args['title'] : trans.__('Open Lesson')),
    caption: args =>
      typeof args['minutes'] === 'number'
        ? trans.__('Lesson, about %1 minutes', args['minutes'])
        : trans.__('Open a lesson in the notebook folder'),
    icon: lessonIcon,
    describedBy: {
      args: {
        type: 'object',
        required: ['id'],
        properties: {
          id: { type: 'string', description: trans.__('Id of the lesson, such as start/01-hello') },
          title: { type: 'string', description: trans.__('Title for menus') },
          minutes: { type: 'number', description: trans.__('How long it takes') }
        }
      }
    },
    execute: async args => {
      try {
        const path = await openLab(textArgument(args, 'id'), language);
        await commands.execute('docmanager:open', { path });
      } catch (error) {
        await showErrorMessage(trans.__('The lesson was not opened'), error as Error);
      }
    }
  });
}

/** Registers all commands. */
export function addCommands(context: ICommandContext): void {
  addSessionCommands(context);
  addFileCommands(context);
  const { app, sessions } = context;
  sessions.currentChanged.connect(() => {
    // One by one: toolbar buttons do not listen to changes of all.
    for (const id of Object.values(CommandIDs)) {
      app.commands.notifyCommandChanged(id);
    }
  });
}
