import { kernelsInOrder } from '../../core/lesson-runs/best-verdict.js';
import { readInstalled } from './installed.js';

/** Releases of the kernels that are installed, in the order in which programs try them. @throws LabError BPFLAB_IMAGE_MISSING */
export function installedReleases(): string[] {
  const { kernels, default_kernel: chosen } = readInstalled();
  return kernelsInOrder(
    kernels.map(kernel => kernel.release),
    chosen
  );
}
