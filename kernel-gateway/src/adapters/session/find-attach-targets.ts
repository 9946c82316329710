import type { Build, ProgramSpec, RunOptions } from '../../core/index.js';
import { ElfConstant, readElf } from '../../core/object/elf.js';
import { attachTargets, type AttachTarget } from '../../core/session/attach-target.js';
import type { CellContext } from './cell-context.js';
import type { LiveRun } from './live-run.js';
import { loadedPrograms } from './loaded-programs.js';
import { needOneNode } from './need-one-node.js';

/**
 * The loaded programs that `--attach-target` names, by the names of the programs that are for them.
 *
 * @throws LabError BPFLAB_ATTACH_FAILED, BPFLAB_CELL_OPTION
 */
export function findAttachTargets(
  { core }: CellContext,
  run: LiveRun,
  programs: readonly ProgramSpec[],
  given: RunOptions['attachTargets']
): Map<string, AttachTarget> {
  if (given.length > 0)
    needOneNode(run.connection, ['Functions of a loaded program are replaced', 'its number is that of one kernel']);
  const target = core.state.runs.get(run.id)?.target ?? '';
  // What the same cell ran before is about to end.
  const cellId = core.state.runs.get(run.id)?.cellId;
  const loaded = loadedPrograms(core, target).filter(({ record }) => record.cellId !== cellId);
  return attachTargets({
    programs,
    given,
    loaded: loaded.map(one => ({
      run: one.record.name,
      name: one.program.name,
      id: one.program.id,
      functions: one.run.build === null ? null : functionNames(one.run.build)
    }))
  });
}

const functionNames = ({ object }: Build): ReadonlySet<string> =>
  new Set(
    readElf(object)
      .symbols.filter(symbol => symbol.type === ElfConstant.sttFunc)
      .map(symbol => symbol.name)
  );
