import { slidesOf } from '../../protocol/index.js';
import { markup, Markup } from './markup.js';
import { outputMarkup, type OutputPage } from './output-markup.js';
import { pageWord } from './page-words.table.js';
import type { PublishedCell, PublishedNotebook } from './published-notebook.js';

/** A page, and how it is made. `style` and `script` are trusted text of ours. */
export interface PageOptions extends OutputPage {
  form: 'page' | 'slides';
  style: string;
  script: string;
}

/** A notebook as one HTML file that loads nothing: every cell in order, or one screen each as slides. */
export function publishPage(notebook: PublishedNotebook, options: PageOptions): string {
  const body = options.form === 'slides' ? slides(notebook, options) : page(notebook, options);
  const script = options.form === 'slides' ? new Markup(`<script>${options.script}</script>`) : null;
  const policy =
    options.form === 'slides'
      ? "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'unsafe-inline'"
      : "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
  return `<!doctype html>\n${
    markup`<html lang="${options.language === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="Content-Security-Policy" content="${policy}"><title>${notebook.title}</title>${new Markup(`<style>${options.style}</style>`)}</head><body class="${options.form}">${body}${script}</body></html>`
      .html
  }\n`;
}

const page = ({ cells }: PublishedNotebook, options: PageOptions): Markup =>
  markup`<main>${cells.map(cell => cellMarkup(cell, options))}</main>`;

function slides(notebook: PublishedNotebook, options: PageOptions): Markup {
  const cellAt = (index: number): PublishedCell[] => notebook.cells.slice(index, index + 1);
  const screens = slidesOf(notebook.cells).map(({ cells, notes }) => ({
    cells: cells.flatMap(({ index }) => cellAt(index)),
    notes: notes.flatMap(cellAt).map(({ source }) => source)
  }));
  const sections = screens.map(
    ({ cells, notes }, index) =>
      markup`<section class="slide" id="slide-${index + 1}" aria-label="${index + 1} / ${screens.length}">${cells.map(cell => cellMarkup(cell, options))}${
        notes.length === 0
          ? null
          : markup`<aside class="notes">${notes.map(text => new Markup(options.text.markdown(text)))}</aside>`
      }</section>`
  );
  const { language } = options;
  return markup`<main>${sections}</main><nav><button id="previous" aria-label="${pageWord(language, 'previous')}">‹</button><output id="place">1 / ${screens.length}</output><button id="next" aria-label="${pageWord(language, 'next')}">›</button></nav>`;
}

function cellMarkup(cell: PublishedCell, page: OutputPage): Markup {
  if (cell.type === 'raw') return markup``;
  if (cell.type === 'markdown') return markup`<div class="text">${new Markup(page.text.markdown(cell.source))}</div>`;
  const code = markup`<pre class="code"><code>${isC(cell.source) ? new Markup(page.text.code(cell.source)) : cell.source}</code></pre>`;
  const source = cell.isFolded
    ? markup`<details><summary>${pageWord(page.language, 'source')}</summary>${code}</details>`
    : code;
  const outputs = cell.outputs.map(output => markup`<div class="output">${outputMarkup(output, page)}</div>`);
  return markup`<div class="cell">${source}${outputs}</div>`;
}

/** Whether a cell is C: one without a magic, or one whose magic takes C. Other languages are shown as they are. */
const isC = (source: string): boolean => !/^\s*%(?!%(?:bpf|user)\b|%file\s+\S+\.[ch]\b)/.test(source);
