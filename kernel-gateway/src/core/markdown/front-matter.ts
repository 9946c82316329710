import { readYaml, type YamlValue } from './read-yaml.js';

/** A Markdown file: what stands between the two `---` lines at its begin, and the rest. */
export interface MarkdownFile {
  data: { [key: string]: YamlValue };
  body: string;
  /** Lines of the front matter that could not be read, one sentence each. */
  problems: string[];
}

/** Splits a Markdown file; one without front matter is all body. Never throws. */
export function readFrontMatter(text: string): MarkdownFile {
  const clean = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const match = /^---[ \t]*\n([^]*?)(?:^|\n)(?:---|\.\.\.)[ \t]*(?:\n|$)/.exec(clean);
  if (match === null) return { data: {}, body: clean, problems: [] };
  const { value, problems } = readYaml(match[1] ?? '');
  return { data: value, body: clean.slice(match[0].length), problems };
}
