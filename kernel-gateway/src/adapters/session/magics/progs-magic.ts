import { plainTable } from '../../../core/session/plain-table.js';
import { say, type CellContext } from '../cell-context.js';

/** `%progs`: the programs of live runs with what they cost so far. */
export async function progsMagic(context: CellContext): Promise<void> {
  const { core } = context;
  await core.polls.readStats();
  const rows = core.liveRuns().flatMap(run =>
    run.programs.map(program => {
      const count = BigInt(program.run_count);
      const average = count === 0n ? '' : (BigInt(program.run_time_ns) / count).toString();
      const { name, section, attached_to: target, verified_insns: insns } = program;
      return [run.id, name, section, target, String(program.id), program.run_count, average, String(insns)];
    })
  );
  const headings = ['RUN', 'PROGRAM', 'SECTION', 'ATTACHED TO', 'ID', 'RUNS', 'NS EACH', 'INSNS VERIFIED'];
  say(context, rows.length === 0 ? 'No programs are loaded.' : plainTable(headings, rows));
}

/** `%links`: where the programs of live runs are attached. */
export function linksMagic(context: CellContext): void {
  const { core } = context;
  const rows = core
    .liveRuns()
    .flatMap(run =>
      (core.runs.get(run.id)?.links ?? []).map(link => [
        run.id,
        link.program,
        link.kind,
        link.target,
        link.link_id === 0 ? '' : String(link.link_id)
      ])
    );
  const headings = ['RUN', 'PROGRAM', 'KIND', 'TARGET', 'LINK ID'];
  say(context, rows.length === 0 ? 'No programs are attached.' : plainTable(headings, rows));
}
