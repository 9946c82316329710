import type { BpfCell } from './bpf-cell.js';
import { openIteratorView } from './open-object-views.js';

/** Attaches every chosen program; resolves with the target of each by program name. A refusal ends the whole start. */
export async function attachPrograms(cell: BpfCell): Promise<Map<string, string>> {
  const { run, attach } = cell;
  const answers = await Promise.allSettled(
    [...attach].map(async ([program, options]) => {
      const link = await run.connection.request('attach', { run: run.id, program, options });
      run.links.push({ ...link, program });
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
