import { mkdirSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { createHostTarget } from './adapters/host/host-target.js';
import { CacheLease } from './adapters/install/cache-lease.js';
import { cacheRoot } from './adapters/install/cache-root.js';
import { findKernel, readInstalled, type Installed } from './adapters/install/installed.js';
import { createNodesTarget } from './adapters/kubernetes/cluster-nodes.js';
import { createPodSource } from './adapters/kubernetes/pod-source.js';
import { createSessionCluster } from './adapters/kubernetes/session-cluster.js';
import { createPodTarget } from './adapters/kubernetes/pod-target.js';
import type { SessionReplay } from './adapters/replay/session-replay.js';
import { createReplayTarget } from './adapters/replay/replay-target.js';
import { findLab } from './adapters/labs/find-lab.js';
import { gatewayProgram } from './adapters/runtime/gateway-program.js';
import { LabSession } from './adapters/session/lab-session.js';
import type { NotebookPlace } from './adapters/session/user-file.js';
import { createToolchain } from './adapters/toolchain/create-toolchain.js';
import { createVmTarget, type VmTarget } from './adapters/vm/vm-target.js';
import type { TargetProvider, Toolchain } from './core/index.js';

/** `pod:all`: a cell runs on every node that has an agent. */
const ALL_NODES = 'all';
const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const loader = process.arch === 'arm64' ? 'lib/ld-linux-aarch64.so.1' : 'lib64/ld-linux-x86-64.so.2';

/** How a lab is made; everything has a default. */
export interface LabOptions {
  /** Root of the cache that set-up has filled. */
  cache?: string;
  /** Target of sessions that name none: `vm` (default), `host`, `replay:FILE`. */
  target?: string;
  /** Kernel of the vm target by release or its start ("6.1"); null: the default one. */
  kernel?: string | null;
  /** Folder of the labs; the checkout's own when absent. */
  labsDir?: string;
  /** Keep a machine ready for the next session. */
  keepSpare?: boolean;
  /** Records each session into this file, from its first target on. */
  recordFile?: string | null;
}

/** One session of a lab. */
interface NewSession {
  /** Letters, digits, `_` and `-`, at most 64. */
  id: string;
  /** Absolute path of its folder; made when it is not there. */
  folder: string;
  target?: string;
  /** Where the notebook is now; absent: there is none. */
  notebook?: () => NotebookPlace | null;
  /** The session plays a recording. */
  replay?: SessionReplay;
}

/** The parts of the product below the Jupyter server and the command line. Whoever makes it closes it. */
export interface Lab {
  readonly toolchain: Toolchain;
  readonly installed: Installed;
  /** Name of the target that sessions get. */
  readonly target: string;
  /** Release of the kernel that the vm target boots. */
  readonly kernelRelease: string;
  newSession(options: NewSession): LabSession;
  /** Ends all sessions that are open, their targets and their compilers. */
  close(): Promise<void>;
}

/**
 * Joins images, toolchain and targets. Nothing is started before a session needs it.
 *
 * @throws LabError BPFLAB_IMAGE_MISSING when set-up was not run or the kernel is not installed
 */
export function createLab(options: LabOptions = {}): Lab {
  const cache = options.cache ?? cacheRoot();
  const lease = new CacheLease(cache);
  const installed = readLeased(cache, lease);
  const toolchain = createToolchain(installed, cache);
  const vm = createVmTarget({
    cacheRoot: cache,
    installed,
    keepSpare: options.keepSpare ?? false,
    onTemplate: folder => lease.add(folder)
  });
  const target = options.target ?? 'vm';
  const kernel = options.kernel ?? null;
  const sessions = new Set<LabSession>();
  return {
    toolchain,
    installed,
    target,
    kernelRelease: findKernel(installed, kernel).release,
    newSession: ({ id, folder, target: name, notebook = () => null, replay }) => {
      mkdirSync(folder, { recursive: true });
      const warming = toolchain.warm(folder);
      const cluster = createSessionCluster(null, id);
      const session = new LabSession({
        id,
        folder,
        toolchain,
        findProvider: replay?.findProvider ?? (wanted => findProvider(wanted, { vm, installed })),
        target: replay?.target ?? name ?? target,
        recordFile: options.recordFile ?? null,
        ...(replay === undefined
          ? {}
          : {
              clock: replay.clock,
              firstRun: replay.firstRun,
              timings: replay.timings,
              onClosing: replay.onClosing,
              onRefresh: replay.onRefresh
            }),
        notebook,
        kernel,
        pods: createPodSource(null),
        cluster,
        labCommand: (name, program) => labCommand(installed.lab.root, name, program),
        findLab: () => findLab(options.labsDir ?? join(gatewayProgram.checkout, 'labs'), notebook()),
        describeKernels: () => Promise.resolve(kernelLines(installed)),
        onClosed: async () => {
          sessions.delete(session);
          // What is still being started would outlive its end.
          await warming;
          await cluster.close();
          await toolchain.close(folder);
        }
      });
      sessions.add(session);
      return session;
    },
    close: async () => {
      await Promise.all([...sessions].map(session => session.close()));
      await Promise.all([vm.close(), toolchain.close()]);
      lease.release();
    }
  };
}

/** What is installed now stays as long as this lab uses it, also when set-up makes newer ones meanwhile. */
function readLeased(cache: string, lease: CacheLease): Installed {
  const { tools, lab, agent, kernels } = readInstalled(cache);
  lease.add(tools.root, lab.root, lab.erofs, agent.path, ...kernels.map(kernel => kernel.initrd));
  // What went between reading and noting is seen here.
  return readInstalled(cache);
}

function findProvider(name: string, parts: { vm: VmTarget; installed: Installed }): TargetProvider | null {
  if (name === 'vm') {
    return parts.vm;
  }
  if (name === 'host') {
    return createHostTarget({ agentPath: parts.installed.agent.path });
  }
  const pod = /^pod(?::(.+))?$/.exec(name);
  if (pod !== null) {
    if (pod[1] === ALL_NODES) return createNodesTarget(null);
    return createPodTarget({ context: null, node: pod[1] ?? null });
  }
  const file = /^replay:(.+)$/.exec(name)?.[1];
  return file === undefined ? null : createReplayTarget({ file: resolve(file) });
}

/** On this machine a program of the lab image needs the image's own loader and libraries; elsewhere it is at home. */
function labCommand(root: string, target: string, program: string): string[] {
  if (target !== 'host') {
    return [program];
  }
  const libraries = ['usr/lib', 'lib'].map(folder => join(root, folder, `${machine}-linux-gnu`)).join(':');
  const file = isAbsolute(program) ? program : join(root, 'usr/bin', program);
  return [join(root, loader), '--library-path', libraries, file];
}

function kernelLines(installed: Installed): string[] {
  return installed.kernels.map(
    ({ release }) => `${release}${release === installed.default_kernel ? '  (default)' : ''}`
  );
}
