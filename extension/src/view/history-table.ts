import type { TranslationBundle } from '@jupyterlab/translation';
import type { HistoryPart } from 'kernel-gateway/protocol';
import { element } from '../dom/element.js';
import { plainText } from '../format/plain-text.js';
import { formatCount, formatRate } from '../format/quantity.js';

/** Samples that the table shows, the newest first. */
const MAX_SAMPLES = 60;

const pad = (value: number): string => String(value).padStart(2, '0');

/** Local time of day, to the second. */
export function timeOfDay(unixMs: number): string {
  const date = new Date(unixMs);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** How a series is called: its name, or the bounds of its bucket. */
export const seriesName = ({ name, low, high }: HistoryPart['series'][number]): string =>
  low === undefined || high === undefined ? plainText(name) : low === high ? low : `${low} → ${high}`;

/** A number of a sample for people. */
const shown = (value: number | null | undefined, kind: HistoryPart['kind']): string =>
  value === null || value === undefined ? '–' : kind === 'rate' ? formatRate(value) : formatCount(String(value));

/** The newest samples as a table: a line for each, a column for each series. */
export function historyTable(data: HistoryPart, trans: TranslationBundle): HTMLElement {
  const unit = data.kind === 'rate' ? trans.__('per second') : trans.__('new values');
  const head = [
    element('th', { scope: 'col' }, trans.__('Time')),
    ...data.series.map(series => element('th', { scope: 'col' }, seriesName(series)))
  ];
  const indexes = data.at_ms.map((_, index) => index).slice(-MAX_SAMPLES);
  const rows = indexes
    .reverse()
    .map(index =>
      element(
        'tr',
        {},
        element('th', { scope: 'row' }, timeOfDay(data.at_ms[index] ?? 0)),
        ...data.gained.map(values => element('td', {}, shown(values[index], data.kind)))
      )
    );
  const caption = data.unit === '' || data.kind === 'rate' ? unit : `${unit} · ${data.unit}`;
  return element(
    'div',
    { class: 'jp-BpflabHistory-scroll', tabindex: 0, role: 'group', 'aria-label': trans.__('Course over time') },
    element(
      'table',
      { class: 'jp-BpflabHistory-table' },
      element('caption', {}, caption),
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...rows)
    )
  );
}

/** All samples as tab-separated text; times are ISO 8601. */
export function historyText(data: HistoryPart): string {
  const lines = [['time', ...data.series.map(seriesName)].join('\t')];
  data.at_ms.forEach((atMs, index) => {
    lines.push([new Date(atMs).toISOString(), ...data.gained.map(values => String(values[index] ?? ''))].join('\t'));
  });
  return `${lines.join('\n')}\n`;
}
