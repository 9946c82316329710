import type { AttachOptions } from '../../protocol/index.js';
import type { ProgramSpec } from '../../core/index.js';
import type { BpfCell } from './bpf-cell.js';
import { openIteratorView } from './open-object-views.js';

/** Attaches every chosen program; resolves with the target of each by program name. A refusal ends the whole start. */
export async function attachPrograms(cell: BpfCell): Promise<Map<string, string>> {
  const { run } = cell;
  const answers = await Promise.allSettled(
    subjects(cell).map(async ([program, options]) => {
      const link = await run.connection.request('attach', { run: run.id, program, options });
      run.links.push({ ...link, program, target: cell.targets.get(program)?.label ?? link.target });
      return link;
    })
  );
  const refused = answers.find(answer => answer.status === 'rejected');
  if (refused !== undefined) {
    throw refused.reason;
  }
  for (const link of run.links) {
    if (link.kind === 'iter') {
      await openIteratorView(cell, link);
    }
  }
  return new Map(run.links.map(link => [link.program, link.target]));
}

/** What is attached: programs by themselves, those of struct_ops by the maps that name them. */
function subjects({ run, attach, chosen }: BpfCell): [string, AttachOptions][] {
  const ofOps = chosen.some(program => program.type === 'struct_ops' && attach.has(program.name));
  const isLeftOut = (program: ProgramSpec): boolean => program.type === 'struct_ops' || isTailCalled(program, run);
  const leftOut = new Set(chosen.filter(isLeftOut).map(program => program.name));
  const maps = ofOps ? run.maps.filter(map => map.type === 'struct_ops') : [];
  return [
    ...[...attach].filter(([name]) => !leftOut.has(name)),
    ...maps.map((map): [string, AttachOptions] => [map.name, {}])
  ];
}

/** A type without a place ("raw_tp"), beside a table of programs: reached by a tail call, and by nothing else. */
const isTailCalled = ({ section }: ProgramSpec, run: BpfCell['run']): boolean =>
  /^(tp|tracepoint|raw_tp|raw_tracepoint|k(ret)?probe|u(ret)?probe)$/.test(section) &&
  run.maps.some(map => map.type === 'prog_array');
