import type { HistogramSeries } from '../../protocol/index.js';
import { markup, type Markup } from './markup.js';
import { pageWord, type PageLanguage } from './page-words.table.js';

/** Series that are drawn; the table has all of them. */
const DRAWN_SERIES = 16;
const BAR = { height: 16, gap: 3, width: 420, right: 150 };
/** Width of a digit at the drawing's font size. */
const DIGIT = 7.4;

/** Histograms as bars with their counts, and as a table behind a toggle. */
export function histogramMarkup(series: readonly HistogramSeries[], language: PageLanguage): Markup {
  return markup`${series.slice(0, DRAWN_SERIES).map(bars)}<details><summary>${pageWord(language, 'table')}</summary>${table(series, language)}</details>`;
}

const rangeText = ({ low, high }: HistogramSeries['buckets'][number]): string =>
  low === high ? low : `${low} – ${high}`;

function bars(series: HistogramSeries): Markup {
  const most = series.buckets.reduce((max, { count }) => (BigInt(count) > max ? BigInt(count) : max), 1n);
  const longest = Math.max(0, ...series.buckets.map(bucket => rangeText(bucket).length));
  const left = Math.ceil(longest * DIGIT) + 16;
  const rows = series.buckets.map((bucket, index) => {
    const y = index * (BAR.height + BAR.gap);
    const width = Number((BigInt(bucket.count) * BigInt(BAR.width)) / most);
    const base = y + BAR.height - 4;
    return markup`<text class="axis" x="${left - 8}" y="${base}" text-anchor="end">${rangeText(bucket)}</text><rect class="bar" x="${left}" y="${y}" width="${width}" height="${BAR.height}"/><text class="axis" x="${left + width + 6}" y="${base}">${bucket.count}</text>`;
  });
  const height = Math.max(1, series.buckets.length * (BAR.height + BAR.gap));
  const label = [series.key, series.unit].filter(text => text !== '').join(', ');
  return markup`<figure><svg role="img" aria-label="${label}" viewBox="0 0 ${left + BAR.width + BAR.right} ${height}">${rows}</svg><figcaption>${label}</figcaption></figure>`;
}

function table(series: readonly HistogramSeries[], language: PageLanguage): Markup {
  const hasKeys = series.some(({ key }) => key !== '');
  const unit = series[0]?.unit ?? '';
  const rows = series.flatMap(one =>
    one.buckets.map(
      bucket =>
        markup`<tr>${hasKeys ? markup`<td>${one.key}</td>` : null}<td class="number">${rangeText(bucket)}</td><td class="number">${bucket.count}</td></tr>`
    )
  );
  const range = unit === '' ? pageWord(language, 'range') : unit;
  return markup`<table><thead><tr>${hasKeys ? markup`<th></th>` : null}<th class="number">${range}</th><th class="number">${pageWord(language, 'count')}</th></tr></thead><tbody>${rows}</tbody></table>`;
}
