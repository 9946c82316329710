import { findMagic } from '../../../core/cells/magic.table.js';
import { parseWords } from '../../../core/cells/parse-words.js';
import { LabError } from '../../../protocol/index.js';
import { say, type CellContext } from '../cell-context.js';

/** `%target [NAME] [--kernel RELEASE] [--network own|target]`: shows the session's target, or changes it for the cells that follow. */
export async function targetMagic(context: CellContext, args: readonly string[]): Promise<void> {
  const { core } = context;
  await chooseTarget(context, args);
  const { target } = core.state;
  const tools = await core.options.toolchain.describe();
  const kernelText = target.kernelRelease === '' ? 'not started' : `Linux ${target.kernelRelease} ${target.arch}`;
  say(
    context,
    [
      `target   ${target.name}: ${core.targets.describe(target.name)}`,
      `kernel   ${kernelText}`,
      `tools    clang ${tools.clang}, libbpf ${tools.libbpf}, bpftool ${tools.bpftool}`,
      `headers  ${tools.vmlinuxSource}`,
      ...(target.message === '' ? [] : [target.message])
    ].join('\n')
  );
}

async function chooseTarget({ core }: CellContext, args: readonly string[]): Promise<void> {
  const magic = findMagic('line', 'target');
  const words = magic === undefined ? null : parseWords(magic, args);
  const option = (name: string): string | null => words?.options.get(name)?.[0] ?? null;
  const name = targetName(words?.positional[0] ?? null, option('node'));
  const kernel = option('kernel');
  const network = option('network');
  if (network !== null && network !== 'own' && network !== 'target') {
    throw new LabError('BPFLAB_CELL_OPTION', `%target: --network is own or target, not "${network}".`);
  }
  if (name !== null || kernel !== null || network !== null) {
    await core.targets.choose(name ?? core.state.target.name, { kernel, network });
  }
}

function targetName(given: string | null, node: string | null): string | null {
  if (node === null) {
    return given;
  }
  if (given !== null && given !== 'pod') {
    throw new LabError('BPFLAB_CELL_OPTION', `%target: --node is for the target pod, not "${given}".`);
  }
  return `pod:${node}`;
}

/** `%kernels`: what is installed for the vm target. */
export async function kernelsMagic(context: CellContext): Promise<void> {
  const lines = await context.core.options.describeKernels();
  say(context, lines.length === 0 ? 'No kernel is installed.' : lines.join('\n'));
}

/** `%reset`: ends all runs and the target; the next cell gets a new one. */
export async function resetMagic(context: CellContext): Promise<void> {
  const { core } = context;
  await core.targets.closeAll('the target was reset');
  say(context, `All runs are stopped. The next cell gets a new ${core.state.target.name} target.`);
}
