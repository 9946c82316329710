import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { cpus } from 'node:os';
import { LabError } from '../../protocol/index.js';
import { qemuCommand } from './qemu-command.js';
import type { VmSpec } from './vm-spec.js';

/** Raised when what a template holds, or how it is made, changes. */
const TEMPLATE_VERSION = 1;

/**
 * 16 hex digits that name the template of a machine: the hash of QEMU (the tools image's id), accelerator, command
 * line, kernel, initrd, disks and the host's CPU model. Big files count by size and time of change, not by content:
 * their makers replace them whole.
 *
 * @throws LabError `BPFLAB_IMAGE_MISSING` when one of the files was removed
 */
export function templateId(spec: VmSpec): string {
  const parts = [
    TEMPLATE_VERSION,
    spec.tools.id,
    spec.lab.id,
    spec.accelerator,
    qemuCommand(spec, { kind: 'boot', folder: '' }),
    [spec.kernel.vmlinux, spec.kernel.initrd, spec.kernel.modules, spec.lab.erofs].map(fileMark),
    cpus()[0]?.model ?? ''
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

function fileMark(file: string): string {
  try {
    const { size, mtimeMs } = statSync(file);
    return `${size}:${mtimeMs}`;
  } catch (error) {
    // A set-up that ran meanwhile has replaced what this process knows.
    throw new LabError('BPFLAB_IMAGE_MISSING', `${file} is no longer there.`, { cause: error });
  }
}
