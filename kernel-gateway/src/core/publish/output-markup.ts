import { Mime, type DiagnosisBundle, type TestRunBundle, type ViewBundle } from '../../protocol/index.js';
import { ansiMarkup } from './ansi-markup.js';
import { markup, Markup } from './markup.js';
import { pageWord, type PageLanguage } from './page-words.table.js';
import type { IPageText, PublishedOutput } from './published-notebook.js';
import { viewMarkup } from './view-markup.js';

const images = ['image/png', 'image/jpeg', 'image/gif'];

/** What an output is drawn with. */
export interface OutputPage {
  language: PageLanguage;
  text: IPageText;
}

/** An output of a cell: the richest form that can stand still in a page, down to its text. */
export function outputMarkup(output: PublishedOutput, page: OutputPage): Markup {
  if (output.kind === 'stream')
    return markup`<pre class="stream${output.name === 'stderr' ? ' stderr' : ''}">${ansiMarkup(output.text)}</pre>`;
  if (output.kind === 'error')
    return markup`<pre class="stream stderr">${ansiMarkup(output.traceback === '' ? `${output.name}: ${output.value}` : output.traceback)}</pre>`;
  try {
    return bundleMarkup(output.data, page);
  } catch {
    // Somebody's bundle that only looks like ours: its text says what it can.
    return textMarkup(output.data);
  }
}

function bundleMarkup(data: Record<string, unknown>, page: OutputPage): Markup {
  const text = (type: string): string | null => (typeof data[type] === 'string' ? data[type] : null);
  if (data[Mime.view] !== undefined) return viewMarkup(data[Mime.view] as ViewBundle, page.language);
  if (data[Mime.diagnosis] !== undefined) return diagnosisMarkup(data, page);
  if (data[Mime.testrun] !== undefined) return testRunMarkup(data[Mime.testrun] as TestRunBundle, page.language);
  const image = images.find(type => text(type) !== null);
  if (image !== undefined)
    return markup`<img alt="" src="data:${image};base64,${(text(image) ?? '').replace(/[^A-Za-z0-9+/=]/g, '')}">`;
  const [markdown, html] = [text('text/markdown'), text('text/html')];
  if (markdown !== null) return new Markup(page.text.markdown(markdown));
  return html === null ? textMarkup(data) : new Markup(page.text.sanitize(html));
}

function textMarkup(data: Record<string, unknown>): Markup {
  const text = data['text/plain'];
  return typeof text === 'string' ? markup`<pre class="stream">${ansiMarkup(text)}</pre>` : markup``;
}

function diagnosisMarkup(data: Record<string, unknown>, { language }: OutputPage): Markup {
  const { message, hint, log } = data[Mime.diagnosis] as DiagnosisBundle;
  const whole =
    log.length === 0
      ? null
      : markup`<details><summary>${pageWord(language, 'log')}</summary><pre class="stream">${log.join('\n')}</pre></details>`;
  return markup`<section class="diagnosis"><p><strong>${message}</strong></p>${textMarkup(data)}<p>${hint}</p>${whole}</section>`;
}

function testRunMarkup({ cases, program, notes }: TestRunBundle, language: PageLanguage): Markup {
  const rows = cases.map(
    one =>
      markup`<tr${one.as_expected ? null : markup` class="wrong"`}><td>${one.name}</td><td><code>${one.verdict}</code></td><td>${one.expect}</td><td class="number">${one.duration_ns} ns</td></tr>`
  );
  const head = (['packets', 'verdict', 'expected'] as const).map(name => markup`<th>${pageWord(language, name)}</th>`);
  return markup`<section class="view"><h4>${program}</h4><table><thead><tr>${head}<th class="number">${pageWord(language, 'duration')}</th></tr></thead><tbody>${rows}</tbody></table>${notes.map(note => markup`<p class="note">${note}</p>`)}</section>`;
}
