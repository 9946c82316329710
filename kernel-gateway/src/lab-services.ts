/** What the Jupyter server asks of a lab, done with the lab's parts. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabServices, ShellProcess, TerminalSize } from './adapters/jupyter/lab-services.js';
import { openAgentShell } from './adapters/jupyter/terminals/agent-shell.js';
import { podTerminal } from './adapters/jupyter/terminals/terminal-place.js';
import { EVERY_POD } from './core/pods/pod-container.js';
import { openSandboxShell } from './adapters/jupyter/terminals/sandbox-shell.js';
import { makeOwnFolder } from './adapters/install/own-folder.js';
import { openCluster } from './adapters/kubernetes/cluster-client.js';
import { openPodShell, placeOfNode } from './adapters/kubernetes/pod-shell.js';
import { createPodSource } from './adapters/kubernetes/pod-source.js';
import type { SessionReplay } from './adapters/replay/session-replay.js';
import { LabSession } from './adapters/session/lab-session.js';
import type { NotebookPlace } from './adapters/session/user-file.js';
import type { Session } from './core/index.js';
import type { Lab } from './lab.js';

/** Services on `lab`; `close` ends the lab and removes the folders of sessions. */
export async function createLabServices(
  lab: Lab,
  notebookDir: string
): Promise<LabServices & { close(): Promise<void> }> {
  const folder = await makeOwnFolder('sessions');
  // A restarted kernel is a new session: its agent's worker must not be taken for the old one's.
  const newSession = (id: string, path?: () => string, replay?: SessionReplay): LabSession => {
    const life = `${id.slice(0, 48)}-${randomUUID().slice(0, 8)}`;
    const place = path === undefined ? {} : { notebook: () => ({ root: notebookDir, path: path() }) };
    const playing = replay === undefined ? {} : { replay };
    return lab.newSession({ id: life, folder: join(folder, life), ...place, ...playing });
  };
  return {
    openSession: ({ id, path, replay }) => Promise.resolve(newSession(id, path, replay)),
    openSandboxShell: ({ cwd, size }) => {
      const images = { tools: lab.installed.tools.root, lab: lab.installed.lab.root };
      return openSandboxShell({ images, notebookDir, cwd, size });
    },
    openTargetShell: ({ session, size }) =>
      session === null ? openOwnTarget(newSession('terminal'), size) : openInSession(session, size),
    openPodShell: async ({ place, size }) => {
      const client = await openCluster(null);
      return openPodShell(client, place.node === '' ? place : await placeOfNode(client, place.node), size);
    },
    listContainers: async () => {
      const followed = await createPodSource(null).follow(EVERY_POD, () => undefined);
      followed.close();
      return followed.containers.map(({ node, namespace, pod, container }) => {
        const terminal = podTerminal({ namespace, pod, container });
        return { terminal, node, namespace, pod, container };
      });
    },
    judgeLesson: async ({ path, program, target, kernel }, signal) => {
      signal.throwIfAborted();
      const id = `judge-${randomUUID().slice(0, 8)}`;
      const notebook = (): NotebookPlace => ({ root: notebookDir, path });
      const session = lab.newSession({ id, folder: join(folder, id), target, notebook });
      try {
        if (kernel !== '') await session.command({ type: 'target', target, kernel });
        return await session.judgeLesson(program, signal);
      } finally {
        await session.close();
      }
    },
    describe: async () => {
      const { clang, libbpf, bpftool } = await lab.toolchain.describe();
      return { target: lab.target, kernelRelease: lab.kernelRelease, versions: { clang, libbpf, bpftool } };
    },
    close: async () => {
      await lab.close();
      await rm(folder, { recursive: true, force: true });
    }
  };
}

async function openInSession(session: Session, size: TerminalSize): Promise<ShellProcess> {
  if (!(session instanceof LabSession)) throw new Error('The session is not one of this lab.');
  return openAgentShell(await session.connection(), size);
}

/** The session was made for this shell, and ends with it. */
async function openOwnTarget(session: LabSession, size: TerminalSize): Promise<ShellProcess> {
  try {
    const shell = await openAgentShell(await session.connection(), size);
    shell.onExit(() => void session.close());
    return shell;
  } catch (error) {
    await session.close();
    throw error;
  }
}
