import type { TranslationBundle } from '@jupyterlab/translation';
import type { RunProgram } from 'kernel-gateway/protocol';
import { element } from '../dom/element.js';
import { plainText } from '../format/plain-text.js';
import { formatBytes, formatCount, formatDuration, formatPercent, formatRate } from '../format/quantity.js';
import { averageNs, type RunRates } from './run-rates.js';

/** Shown where a number is not known yet. */
const UNKNOWN = '–';

/** A column: heading, what it means, and its text for a program. */
interface IProgramColumn {
  head: string;
  caption: string;
  isNumber: boolean;
  text: (program: RunProgram, rate: ReturnType<RunRates['update']>) => string;
}

function columns(trans: TranslationBundle, isLive: boolean): IProgramColumn[] {
  const live: IProgramColumn[] = [
    {
      head: trans.__('Events/s'),
      caption: trans.__('Runs per second, now'),
      isNumber: true,
      text: (_, rate) => (rate === null ? UNKNOWN : formatRate(rate.perSecond))
    },
    {
      head: trans.__('CPU'),
      caption: trans.__('Time spent in the program, as a share of one CPU, now'),
      isNumber: true,
      text: (_, rate) => (rate === null ? UNKNOWN : formatPercent(rate.cpuShare))
    }
  ];
  return [
    { head: trans.__('Program'), caption: '', isNumber: false, text: ({ name }) => name },
    {
      head: trans.__('Attached to'),
      caption: '',
      isNumber: false,
      text: ({ attached_to: attachedTo, section }) => attachedTo || section
    },
    {
      head: trans.__('Runs'),
      caption: trans.__('How often the kernel ran it'),
      isNumber: true,
      text: ({ run_count: runCount }) => formatCount(runCount)
    },
    {
      head: trans.__('Average'),
      caption: trans.__('Mean time of one run'),
      isNumber: true,
      text: program => {
        const average = averageNs(program);
        return average === null ? UNKNOWN : formatDuration(average);
      }
    },
    ...(isLive ? live : []),
    {
      head: trans.__('Instructions'),
      caption: trans.__('Instructions that the verifier looked at'),
      isNumber: true,
      text: ({ verified_insns: verified }) => (verified === 0 ? UNKNOWN : formatCount(String(verified)))
    },
    {
      head: trans.__('JITed'),
      caption: trans.__('Size of the machine code that the kernel made of it'),
      isNumber: true,
      text: ({ jited_bytes: jited }) => (jited === 0 ? UNKNOWN : formatBytes(jited))
    }
  ];
}

/** The programs of a run with what they cost. `rates` remembers the counters between calls. */
export function programTable(
  programs: readonly RunProgram[],
  options: { trans: TranslationBundle; rates: RunRates; isLive: boolean; atMs: number }
): HTMLTableElement {
  const { trans, rates, isLive, atMs } = options;
  const shown = columns(trans, isLive);
  const cellClass = (column: IProgramColumn): string => (column.isNumber ? 'jp-mod-number' : 'jp-mod-text');
  const head = shown.map(column =>
    element('th', { scope: 'col', title: column.caption, class: cellClass(column) }, column.head)
  );
  const rows = programs.map(program => {
    const rate = rates.update(program, atMs);
    const title = plainText(`SEC("${program.section}") · ${program.type} · id ${program.id}`);
    const cells = shown.map(column =>
      element('td', { class: cellClass(column) }, plainText(column.text(program, rate)))
    );
    return element('tr', { title }, ...cells);
  });
  return element(
    'table',
    { class: 'jp-BpflabRun-programs', 'aria-label': trans.__('Programs') },
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...rows)
  );
}
