import { encodeFrame } from '../../core/agent/encode-frame.js';
import { FrameKind, LabError } from '../../protocol/index.js';
import { STATE_ADDRESS } from './qemu-command.js';
import { VmProcess } from './vm-process.js';
import type { VmSpec } from './vm-spec.js';

/**
 * Starts a machine as a private copy of a template. The guest stands still until `cont`; the template's files are only
 * read. The caller owns the machine.
 *
 * @param spec - of the template: the command line must be the same
 * @param folder - of the template, with `memory` and `state`
 * @throws LabError `BPFLAB_TARGET_START` when QEMU cannot read the template or cannot start
 */
export async function restoreVm(spec: VmSpec, folder: string): Promise<VmProcess> {
  const vm = new VmProcess(spec, { kind: 'restore', folder });
  const restored = vm.qmp.next(
    ({ event, data }) => event === 'MIGRATION' && (data['status'] === 'completed' || data['status'] === 'failed')
  );
  try {
    const [, , , { data }] = await Promise.all([
      vm.qmp.execute('migrate-set-capabilities', {
        capabilities: ['x-ignore-shared', 'events'].map(capability => ({ capability, state: true }))
      }),
      // Announcing a new place on the network wakes the guest's driver five times in the first half second.
      vm.qmp.execute('migrate-set-parameters', { 'announce-rounds': 0 }),
      vm.qmp.execute('migrate-incoming', { uri: STATE_ADDRESS }),
      restored
    ]);
    if (data['status'] !== 'completed') throw new Error('the saved state is not readable');
    return vm;
  } catch (error) {
    restored.catch(() => undefined);
    await vm.kill();
    const cause = vm.stderr.split('\n').at(-1) || (error instanceof Error ? error.message : String(error));
    throw new LabError('BPFLAB_TARGET_START', `Cannot restore the virtual machine — ${cause}.`, {
      details: vm.stderr,
      cause: error
    });
  }
}

/** Lets a restored guest run. */
export async function resumeVm(vm: VmProcess): Promise<void> {
  await vm.qmp.execute('cont');
}

/**
 * Lets a restored guest answer one ping and stops it again: the code on the way to its agent and back is then translated
 * already, which is half of what a first hello costs under TCG. Nobody else may listen on `vm.agent` yet.
 */
export async function warmVm(vm: VmProcess): Promise<void> {
  await resumeVm(vm);
  await Promise.race([pong(vm), vm.ended]);
  await vm.qmp.execute('stop');
}

function pong(vm: VmProcess): Promise<void> {
  const ping = encodeFrame({ kind: FrameKind.ping, stream: 0, payload: new Uint8Array(8) });
  return new Promise(resolve => {
    let missing = ping.length;
    const take = (bytes: Uint8Array): void => {
      missing -= bytes.length;
      if (missing > 0) return;
      vm.agent.off('data', take);
      vm.agent.pause();
      resolve();
    };
    vm.agent.on('data', take);
    vm.agent.write(ping);
  });
}
