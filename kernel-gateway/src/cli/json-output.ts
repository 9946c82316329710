import { runBundle } from '../core/session/run-bundle.js';
import type { WindowCell } from '../core/session/read-window.js';
import { Mime } from '../protocol/index.js';
import type { RunOutput, ShownView } from './run-output.js';

/**
 * JSON lines on stdout, one object a line with a `type`; documented in docs/reference/cli.md. Every integer of a row is a
 * decimal string, whatever its C type, so that a column's form never depends on its values.
 */
export function jsonOutput(write: (text: string) => void): RunOutput {
  const line = (value: Record<string, unknown>): void => write(`${JSON.stringify(value)}\n`);
  return {
    cellOutput: output => {
      if (output.kind === 'stream') {
        line({ type: output.name, text: output.text });
      } else if (Mime.diagnosis in output.data) {
        line({ type: 'diagnosis', ...(output.data[Mime.diagnosis] as Record<string, unknown>) });
      }
    },
    rows: (view, rows) => {
      write(rows.map(row => `${JSON.stringify({ type: 'event', view: view.name, row: rowOf(view, row) })}\n`).join(''));
    },
    skipped: (view, count) => line({ type: 'skipped', view: view.name, rows: String(count) }),
    map: (view, rows, histograms) => {
      for (const row of rows) {
        line({ type: 'entry', map: view.name, row: rowOf(view, row) });
      }
      line({
        type: 'map',
        map: view.name,
        entries: String(rows.length),
        ...(histograms === null ? {} : { histograms: histograms.series })
      });
    },
    started: run => {
      const { run: id, name, target, kernel_release, programs, timing_us } = runBundle('', run);
      line({ type: 'attached', run: id, name, target, kernel_release, programs, timing_us });
    },
    ended: (run, losses) => {
      const { id, state, reason, events } = run;
      const lost = Object.fromEntries(losses.map(({ view, losses: counts }) => [view, counts]));
      line({ type: 'end', run: id, state, reason, events: String(events), losses: lost });
    },
    outcome: ({ code, message, hint, details }) => line({ type: 'error', code, message, hint, details })
  };
}

function rowOf(view: ShownView, row: WindowCell[]): Record<string, string | number> {
  return Object.fromEntries(
    view.columns.map((column, index) => {
      const cell = row[index] ?? '';
      return [column.name, typeof cell === 'bigint' ? cell.toString() : cell];
    })
  );
}
