import type { Installed, InstalledKernel } from '../install/installed.js';

/** How QEMU runs guest code: by hardware virtualization, or by translation (TCG). */
export type Accelerator = 'kvm' | 'tcg';

/** Everything that a template depends on: two equal values give interchangeable machines. */
export interface VmSpec {
  tools: Installed['tools'];
  lab: Installed['lab'];
  kernel: InstalledKernel;
  memoryMib: number;
  cpus: number;
  accelerator: Accelerator;
}
