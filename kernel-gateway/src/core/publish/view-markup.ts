import type { ColumnSpec, ViewBundle } from '../../protocol/index.js';
import { histogramMarkup } from './histogram-markup.js';
import { markup, type Markup } from './markup.js';
import { pageWord, type PageLanguage } from './page-words.table.js';
import { stacksMarkup } from './stacks-markup.js';

/** A view as its file has it: the newest rows of a table, histograms and stacks drawn, text as text; notes and losses below. */
export function viewMarkup(view: ViewBundle, language: PageLanguage): Markup {
  return markup`<section class="view"><h4>${view.title}</h4>${contents(view, language)}${notes(view, language).map(
    text => markup`<p class="note">${text}</p>`
  )}</section>`;
}

function contents(view: ViewBundle, language: PageLanguage): Markup {
  const { snapshot } = view;
  if (view.kind === 'histogram' && snapshot.histograms !== undefined)
    return histogramMarkup(snapshot.histograms, language);
  if (view.kind === 'stacks' && snapshot.stacks !== undefined) return stacksMarkup(snapshot.stacks, language);
  if (view.kind === 'text')
    return markup`<pre class="stream">${snapshot.rows.map(row => `${row.join(' ')}\n`).join('')}</pre>`;
  return rowsMarkup(view);
}

function rowsMarkup({ columns, snapshot, title }: ViewBundle): Markup {
  // The parts of a per-CPU value stand behind their sum in the live view only.
  const shown = columns
    .map((column, index) => ({ column, index }))
    .filter(({ column }) => column.per_cpu === undefined);
  const head = shown.map(
    ({ column }) =>
      markup`<th${numberClass(column)}>${column.name}${unitOf(column) === '' ? null : markup` <small>${unitOf(column)}</small>`}</th>`
  );
  const rows = snapshot.rows.map(
    row =>
      markup`<tr>${shown.map(({ column, index }) => markup`<td${numberClass(column)}>${cellText(row[index] ?? '', column)}</td>`)}</tr>`
  );
  return markup`<div class="rows" role="region" aria-label="${title}" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

const numberClass = ({ kind }: ColumnSpec): Markup | null => (kind === 'text' ? null : markup` class="number"`);

/** Nanoseconds since 1970 are shown as a time. */
const UNIX_NS = 'unix_ns';
const unitOf = ({ unit }: ColumnSpec): string => (unit === UNIX_NS ? '' : unit);

function cellText(value: string, { unit }: ColumnSpec): string {
  if (unit !== UNIX_NS || !/^\d{1,20}$/.test(value)) return value;
  const ns = BigInt(value);
  const date = new Date(Number(ns / 1_000_000n));
  const micros = String((ns / 1000n) % 1_000_000n).padStart(6, '0');
  return Number.isNaN(date.getTime()) ? value : `${date.toISOString().slice(0, 19).replace('T', ' ')}.${micros} UTC`;
}

function notes({ kind, notes: told, snapshot }: ViewBundle, language: PageLanguage): string[] {
  const { losses, rows, total_rows: total } = snapshot;
  const count =
    kind === 'histogram' || kind === 'stacks' || kind === 'text'
      ? []
      : [
          String(rows.length) === total
            ? pageWord(language, 'rows', total)
            : pageWord(language, 'newest', String(rows.length), total)
        ];
  const isLossless = losses.kernel_known && losses.kernel === '0' && losses.agent === '0';
  const isEvents = kind === 'events' || kind === 'printk';
  const lost =
    !isEvents || isLossless
      ? []
      : [pageWord(language, losses.kernel_known ? 'lost' : 'lost unknown', losses.kernel, losses.agent)];
  return [...count, ...lost, ...told];
}
