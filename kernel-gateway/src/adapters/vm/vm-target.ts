/** The `vm` target: each session gets its own machine, copied from a template. */
import type { AgentChannel, CancelSignal, TargetProvider } from '../../core/index.js';
import { StreamChannel } from '../channel/stream-channel.js';
import { findKernel, type Installed } from '../install/installed.js';
import { findAccelerator, rejectKvm, type AcceleratorAnswer } from './accelerator.js';
import { ensureTemplate, removeTemplate, sweepTemplates, type Template } from './ensure-template.js';
import { restoreVm, resumeVm, warmVm } from './restore-vm.js';
import { startCanceled } from './start-canceled.js';
import type { VmProcess } from './vm-process.js';
import type { VmSpec } from './vm-spec.js';

/** Memory of a guest: 384 MiB hold the lab image's overlay, bpftrace and a session; bcc wants 768. */
export const DEFAULT_MEMORY_MIB = 384;

/** What the `vm` target is made of. */
export interface VmTargetOptions {
  cacheRoot: string;
  installed: Installed;
  memoryMib?: number;
  cpus?: number;
  /** Keep one restored, stopped machine of the default kernel ready for the next session: its hello takes a fifth. */
  keepSpare?: boolean;
  /** A template is used from now on, as long as the target lives: its folder must stay. */
  onTemplate?: (folder: string) => void;
}

/** The `vm` target; whoever makes it closes it, which ends the spare machine (sessions close their own). */
export interface VmTarget extends TargetProvider {
  readonly name: 'vm';
  close(): Promise<void>;
}

/** Makes the target: sweeps what killed processes left, and starts nothing but the spare machine where one is wanted. */
export function createVmTarget(options: VmTargetOptions): VmTarget {
  sweepTemplates(options.cacheRoot);
  return new TemplateVmTarget(options);
}

/** What one open may ask for. */
interface Machine {
  release: string;
  memoryMib: number;
}

const keyOf = ({ release, memoryMib }: Machine): string => `${release} ${memoryMib}`;

class TemplateVmTarget implements VmTarget {
  readonly name = 'vm';
  readonly #options: VmTargetOptions;
  readonly #templates = new Map<string, Promise<Template>>();
  #answer: Promise<AcceleratorAnswer> | null = null;
  #description: string;
  #spare: Promise<VmProcess | null> | null = null;
  /** Ends what no single session owns: the making of a template goes on when the session that asked is gone. */
  readonly #life = new AbortController();

  constructor(options: VmTargetOptions) {
    this.#options = options;
    this.#description = `a private virtual machine, kernel ${options.installed.default_kernel}`;
    this.#prepareSpare();
  }

  get #usualMib(): number {
    return this.#options.memoryMib ?? DEFAULT_MEMORY_MIB;
  }

  describe(): string {
    return this.#description;
  }

  async open({ kernel, memoryMib, signal, progress }: Parameters<TargetProvider['open']>[0]): Promise<AgentChannel> {
    const release = findKernel(this.#options.installed, kernel).release;
    const machine = { release, memoryMib: memoryMib ?? this.#usualMib };
    const vm = await unlessCanceled(this.#start(machine, progress), signal);
    this.#prepareSpare();
    return new StreamChannel({
      readable: vm.agent,
      writable: vm.agent,
      ended: vm.ended,
      end: () => void vm.kill()
    });
  }

  async close(): Promise<void> {
    this.#life.abort();
    const spare = await this.#spare;
    this.#spare = null;
    await spare?.kill();
  }

  async #start(machine: Machine, progress: (text: string) => void): Promise<VmProcess> {
    const vm = (await this.#takeSpare(machine)) ?? (await this.#restore(machine, progress));
    try {
      await resumeVm(vm);
      return vm;
    } catch (error) {
      await vm.kill();
      throw error;
    }
  }

  async #restore(machine: Machine, progress: (text: string) => void): Promise<VmProcess> {
    const template = await this.#template(machine, progress);
    try {
      return await restoreVm(template.spec, template.folder);
    } catch (error) {
      if (!template.fromCache || this.#life.signal.aborted) throw error;
      // A cache that a full disk or a crash has damaged heals itself.
      progress('The template of the virtual machine cannot be read; making it again.');
      removeTemplate(template);
      this.#templates.delete(keyOf(machine));
      const fresh = await this.#template(machine, progress);
      return await restoreVm(fresh.spec, fresh.folder);
    }
  }

  /** One preparation for all sessions that wait for the same kernel; a failed one is forgotten. */
  #template(machine: Machine, progress: (text: string) => void): Promise<Template> {
    const key = keyOf(machine);
    const known = this.#templates.get(key);
    if (known !== undefined) return known;
    const template = this.#makeTemplate(machine, progress);
    this.#templates.set(key, template);
    template.catch(() => this.#templates.delete(key));
    return template;
  }

  async #makeTemplate(wanted: Machine, progress: (text: string) => void): Promise<Template> {
    const { cacheRoot } = this.#options;
    const { signal } = this.#life;
    const machine = this.#machine(wanted);
    this.#answer ??= findAccelerator(machine, cacheRoot);
    const { accelerator } = await this.#answer;
    const make = (spec: VmSpec): Promise<Template> => ensureTemplate({ spec, cacheRoot, signal, progress });
    const spec: VmSpec = { ...machine, accelerator };
    const template = await make(spec).catch((error: unknown) => {
      if (accelerator !== 'kvm' || signal.aborted) throw error;
      const reason = `a guest did not boot under KVM (${(error as Error).message}), so guest code is translated (TCG)`;
      rejectKvm(spec, cacheRoot, reason);
      this.#answer = Promise.resolve({ accelerator: 'tcg', reason });
      return make({ ...spec, accelerator: 'tcg' });
    });
    this.#options.onTemplate?.(template.folder);
    const { memoryMib, cpus } = template.spec;
    this.#description =
      `a private virtual machine, kernel ${wanted.release}, ${memoryMib} MiB, ${cpus} CPU, ` +
      (template.spec.accelerator === 'kvm' ? 'KVM' : 'TCG (no hardware virtualization)');
    return template;
  }

  #machine({ release, memoryMib }: Machine): Omit<VmSpec, 'accelerator'> {
    const { installed, cpus = 1 } = this.#options;
    const { tools, lab } = installed;
    return { tools, lab, kernel: findKernel(installed, release), memoryMib, cpus };
  }

  async #takeSpare({ release, memoryMib }: Machine): Promise<VmProcess | null> {
    const isUsual = release === this.#options.installed.default_kernel && memoryMib === this.#usualMib;
    if (!isUsual || this.#spare === null) return null;
    const spare = this.#spare;
    this.#spare = null;
    const vm = await spare;
    // It may have been killed while it waited.
    const gone = vm === null || (await Promise.race([vm.ended.then(() => true), Promise.resolve(false)]));
    return gone ? null : vm;
  }

  #prepareSpare(): void {
    if (this.#options.keepSpare !== true || this.#life.signal.aborted || this.#spare !== null) return;
    this.#spare = this.#makeSpare().catch(() => null);
  }

  async #makeSpare(): Promise<VmProcess> {
    const usual = { release: this.#options.installed.default_kernel, memoryMib: this.#usualMib };
    const vm = await this.#restore(usual, () => undefined);
    try {
      await warmVm(vm);
      return vm;
    } catch (error) {
      await vm.kill();
      throw error;
    }
  }
}

/** The machine, unless the signal comes first: then whatever starts is ended when it is there. */
async function unlessCanceled(starting: Promise<VmProcess>, signal: CancelSignal): Promise<VmProcess> {
  let cancel = (): void => undefined;
  const canceled = new Promise<null>(resolve => {
    cancel = (): void => resolve(null);
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
  });
  try {
    const vm = await Promise.race([canceled, starting]);
    if (vm !== null) return vm;
    void starting.then(
      late => late.kill(),
      () => undefined
    );
    throw startCanceled();
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
