import { readFrontMatter } from '../markdown/front-matter.js';
import type { MarkdownBlock, Submission, WrongSubmission } from './lab.js';
import { readPage } from './read-page.js';

/** Reads a file of named cells; what stands around them explains them. */
export function readSubmission(text: string, split: (markdown: string) => MarkdownBlock[]): Submission {
  const { parts } = readPage(text, split);
  const cells = new Map<string, string>();
  const said: string[] = [];
  for (const part of parts) {
    if (part.kind === 'code' && part.name !== '') cells.set(part.name, part.text);
    else said.push(part.text);
  }
  return { text: said.join('\n\n'), cells };
}

/** Reads a wrong submission; `kind` and `fails` stand in its front matter. */
export function readWrongSubmission(
  file: { name: string; text: string },
  split: (markdown: string) => MarkdownBlock[]
): WrongSubmission {
  const { data } = readFrontMatter(file.text);
  const fails = data['fails'];
  return {
    ...readSubmission(file.text, split),
    name: file.name,
    kind: data['kind'] === 'cheat' ? 'cheat' : 'mistake',
    fails: Array.isArray(fails) ? fails.map(String) : []
  };
}
