import { findMagic } from '../../../core/cells/magic.table.js';
import { parseWords } from '../../../core/cells/parse-words.js';
import { say, type CellContext } from '../cell-context.js';

/** `%target [NAME] [--kernel RELEASE]`: shows the session's target, or changes it for the cells that follow. */
export async function targetMagic(context: CellContext, args: readonly string[]): Promise<void> {
  const { core } = context;
  const magic = findMagic('line', 'target');
  const words = magic === undefined ? null : parseWords(magic, args);
  const name = words?.positional[0] ?? null;
  const kernel = words?.options.get('kernel')?.[0] ?? null;
  if (name !== null || kernel !== null) {
    await core.targets.choose(name ?? core.state.target.name, kernel);
  }
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
