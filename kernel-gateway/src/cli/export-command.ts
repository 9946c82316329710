import { writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { pageStyle } from '../adapters/publish/page-style.js';
import { pageText } from '../adapters/publish/page-text.js';
import { printPdf } from '../adapters/publish/print-pdf.js';
import { readPublished } from '../adapters/publish/read-published.js';
import { slidesScript } from '../adapters/publish/slides-script.js';
import { publishMarkdown } from '../core/publish/publish-markdown.js';
import { publishPage } from '../core/publish/publish-page.js';
import type { PageLanguage } from '../core/publish/page-words.table.js';

type Form = 'html' | 'slides' | 'markdown' | 'pdf';

interface ExportOptions {
  to: Form;
  output?: string;
  lang: PageLanguage;
}

const extensions: Record<Form, string> = { html: '.html', slides: '.slides.html', markdown: '.md', pdf: '.pdf' };

/** `bpflab export NOTEBOOK`: a notebook with its outputs as one file that needs nothing else; see docs/reference/cli.md. */
export function exportCommand(): Command {
  return new Command('export')
    .description('writes a notebook with its outputs as a page, slides, Markdown or PDF')
    .argument('<notebook...>', 'files in Jupyter notebook format 4')
    .addOption(new Option('--to <form>', 'what to write').choices(Object.keys(extensions)).default('html'))
    .addOption(new Option('--lang <language>', "language of the page's own words").choices(['en', 'zh']).default('en'))
    .option('--output <file>', 'where to write one notebook; - is stdout; without it, beside the notebook')
    .action(async (notebooks: string[], options: ExportOptions, command: Command) => {
      if (options.output !== undefined && notebooks.length > 1)
        command.error('error: --output names one file, and there are several notebooks', { exitCode: 2 });
      for (const notebook of notebooks) await exportNotebook(resolve(notebook), options);
    });
}

async function exportNotebook(path: string, options: ExportOptions): Promise<void> {
  const output = options.output ?? `${path.replace(/\.ipynb$/, '')}${extensions[options.to]}`;
  const contents = await render(path, options);
  if (output === '-') process.stdout.write(contents);
  else {
    await writeFile(output, contents);
    console.log(output);
  }
}

async function render(path: string, { to, lang }: ExportOptions): Promise<string | Buffer> {
  const notebook = await readPublished(path);
  if (to === 'markdown') return publishMarkdown(notebook);
  const html = publishPage(notebook, {
    form: to === 'slides' ? 'slides' : 'page',
    language: lang,
    text: pageText(dirname(path)),
    style: pageStyle,
    script: slidesScript
  });
  return to === 'pdf' ? await printPdf(html) : html;
}
