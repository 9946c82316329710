import { runText } from '../core/session/run-bundle.js';
import { plainTable } from '../core/session/plain-table.js';
import type { WindowCell } from '../core/session/read-window.js';
import { Mime, type DiagnosisBundle } from '../protocol/index.js';
import { explanationText } from '../core/verifier/explanation-text.js';
import type { RunOutput, ShownView } from './run-output.js';

const LOSS_WORDS = { kernel: 'not written, the ring was full', agent: 'dropped on the way', evicted: 'not kept' };

/** Rows of one stream as aligned text; a column grows with its widest cell and never shrinks. */
class AlignedRows {
  readonly #widths: number[];
  readonly #view: ShownView;

  constructor(view: ShownView) {
    this.#view = view;
    this.#widths = view.columns.map(column => Math.max(column.name.length, charsOf(column.c_type)));
  }

  heading(): string {
    return this.#line(this.#view.columns.map(column => column.name.toUpperCase()));
  }

  line(row: readonly WindowCell[]): string {
    return this.#line(row.map((cell, index) => cellText(cell, this.#view.columns[index]?.unit ?? '')));
  }

  #line(cells: readonly string[]): string {
    return cells
      .map((cell, index) => {
        const width = Math.max(this.#widths[index] ?? 0, cell.length);
        this.#widths[index] = width;
        const isNumber = this.#view.columns[index]?.kind !== 'text';
        return isNumber ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  }
}

/** Aligned text: rows as they come on stdout, everything about the run itself on stderr. */
export function textOutput(write: (text: string) => void, writeError: (text: string) => void): RunOutput {
  const tables = new Map<string, AlignedRows>();
  let lastView = '';
  return {
    cellOutput: output => {
      if (output.kind === 'stream') {
        (output.name === 'stdout' ? write : writeError)(output.text);
      } else if (Mime.diagnosis in output.data) {
        const bundle = output.data[Mime.diagnosis] as DiagnosisBundle;
        writeError(bundle.log.map(line => `${line}\n`).join(''));
        if (bundle.explanation) {
          writeError(`\n${explanationText(bundle, language())}\n\n`);
        }
      }
    },
    rows: (view, rows) => {
      if (view.name === 'printk') {
        write(`${rows.map(row => printkLine(view, row)).join('\n')}\n`);
        return;
      }
      const table = tables.get(view.name) ?? new AlignedRows(view);
      const isPlainLines = view.columns.length === 1 && view.columns[0]?.name === 'line';
      const lines = isPlainLines ? rows.map(row => String(row[0])) : rows.map(row => table.line(row));
      if (lastView !== view.name && !isPlainLines) {
        lines.unshift(`${lastView === '' ? '' : '\n'}${table.heading()}`);
      }
      tables.set(view.name, table);
      lastView = view.name;
      write(`${lines.join('\n')}\n`);
    },
    skipped: (view, count) => writeError(`[${count} rows of ${view.name} came faster than they could be printed]\n`),
    map: (view, rows, histograms) => {
      write(`\n${view.name}: ${histograms?.text ?? mapText(view, rows)}\n`);
    },
    started: run => writeError(`${runText(run)}\n`),
    ended: (run, losses) => {
      const lost = losses.flatMap(({ view, losses: counts }) =>
        (['kernel', 'agent', 'evicted'] as const)
          .filter(place => counts[place] !== '0')
          .map(place => `, ${counts[place]} records of ${view} ${LOSS_WORDS[place]}`)
      );
      writeError(`${run.id}: ${run.state}, ${run.reason}; ${run.events} events${lost.join('')}\n`);
    },
    outcome: ({ code, message, hint, details }) => {
      const text = details === '' ? '' : `\n${details.trimEnd()}`;
      writeError(`${code}: ${message}${text}${hint === '' ? '' : `\n${hint}`}\n`);
    }
  };
}

/** As trace_pipe writes them, shorter: time, task and pid, CPU, text. */
function printkLine(view: ShownView, row: readonly WindowCell[]): string {
  const cell = (name: string): WindowCell => row[view.columns.findIndex(column => column.name === name)] ?? '';
  const time = cell('time');
  const task = `${String(cell('task'))}-${String(cell('pid'))}`;
  const cpu = `[${String(cell('cpu')).padStart(3, '0')}]`;
  return `${typeof time === 'bigint' ? clock(time) : ''}  ${task.padEnd(22)} ${cpu}  ${String(cell('text'))}`;
}

/** The user's language as far as there are texts for it (locale(7)). */
function language(): 'en' | 'zh' {
  const { LC_ALL, LC_MESSAGES, LANG } = process.env;
  return /^zh/.test(LC_ALL || LC_MESSAGES || LANG || '') ? 'zh' : 'en';
}

/** Width that the C type of a text column promises: 16 for char[16]. */
function charsOf(cType: string): number {
  return Math.min(40, Number(/char\[(\d+)\]/.exec(cType)?.[1] ?? '0'));
}

function cellText(cell: WindowCell, unit: string): string {
  return unit === 'unix_ns' && typeof cell === 'bigint' ? clock(cell) : String(cell);
}

/** Local time of day with microseconds. */
function clock(unixNs: bigint): string {
  const date = new Date(Number(unixNs / 1_000_000n));
  const two = (value: number): string => String(value).padStart(2, '0');
  const micros = String((unixNs / 1000n) % 1_000_000n).padStart(6, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${micros}`;
}

function mapText(view: ShownView, rows: WindowCell[][]): string {
  const table = plainTable(
    view.columns.map(column => column.name.toUpperCase()),
    rows.map(row => row.map((cell, index) => cellText(cell, view.columns[index]?.unit ?? '')))
  );
  return `${rows.length} ${rows.length === 1 ? 'entry' : 'entries'}${rows.length === 0 ? '' : `\n${table}`}`;
}
