import type { AttachOptions } from '../../protocol/index.js';
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
  const members = new Set(chosen.filter(program => program.type === 'struct_ops').map(program => program.name));
  const programs = [...attach].filter(([name]) => !members.has(name));
  const isMeant = programs.length < attach.size;
  const maps = isMeant ? run.maps.filter(map => map.type === 'struct_ops') : [];
  return [...programs, ...maps.map((map): [string, AttachOptions] => [map.name, {}])];
}
