import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { Command } from 'commander';
import { creditsMarkdown, readCredits, type CreditFile } from '../core/credits/credits.js';
import { LabError } from '../protocol/index.js';
import { writeFileAtomic } from '../adapters/jupyter/state/atomic-file.js';

/** Notebooks that are larger are data, and are said to be left out. */
const MAX_BYTES = 64 * 1024 * 1024;

interface CreditsOptions {
  json?: true;
  output?: string;
}

/** `bpflab credits [FOLDER]`: what came from elsewhere, with source and licence; see docs/reference/cli.md. */
export function creditsCommand(): Command {
  return new Command('credits')
    .description('lists cells and files that came from elsewhere, with their source and licence')
    .argument('[folder]', 'workspace, or a part of it that is handed in', '.')
    .option('--json', 'prints { "credits": [ … ] }')
    .option('--output <file>', 'writes a file instead of printing')
    .action(async (folder: string, options: CreditsOptions) => {
      const credits = readCredits(await readFiles(resolve(folder)));
      const text = options.json === true ? `${JSON.stringify({ credits }, null, 2)}\n` : creditsMarkdown(credits);
      if (options.output === undefined) process.stdout.write(text);
      else await writeFileAtomic(resolve(options.output), text);
    });
}

/** Hidden folders are none of the work. */
async function readFiles(folder: string): Promise<CreditFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (cause: NodeJS.ErrnoException) => {
      throw new LabError('BPFLAB_CONFIG_OPTION', `The folder ${folder} cannot be read — ${cause.code ?? ''}.`, {
        cause
      });
    }
  );
  const files: CreditFile[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const file = path
      .slice(folder.length + 1)
      .split(sep)
      .join('/');
    if (!entry.isFile() || !/(\.ipynb|(^|\/)course\.json)$/.test(file) || /(^|\/)\.|(^|\/)node_modules\//.test(file))
      continue;
    if ((await stat(path)).size > MAX_BYTES) console.error(`${file} is left out: it is larger than 64 MiB.`);
    else files.push({ file, text: await readFile(path, 'utf8') });
  }
  return files;
}
