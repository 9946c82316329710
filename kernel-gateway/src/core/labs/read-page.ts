import { readFrontMatter } from '../markdown/front-matter.js';
import type { YamlValue } from '../markdown/read-yaml.js';
import type { LabFacts, LabPage, LabPart, MarkdownBlock } from './lab.js';

const STEP_MARK = /^<!--\s*step:\s*([a-z0-9][a-z0-9-]{0,59})\s*-->[ \t]*\n?/;

/**
 * Reads a page of a lab. Fenced `{code-cell}` blocks (also those whose info string has the word `cell`) are cells, `{hint}`
 * blocks hints of their step, `<!-- step: id -->` begins a step; everything else is text. No page makes it throw.
 *
 * @param text - of a Markdown file, with its front matter
 * @param split - blocks of a Markdown text; those that are neither cell nor hint are text
 */
export function readPage(text: string, split: (markdown: string) => MarkdownBlock[]): LabPage {
  const { data, body, problems } = readFrontMatter(text);
  const parts: LabPart[] = [];
  const steps: LabPage['steps'] = [];
  let step = '';
  let markdown = '';
  const endText = (): void => {
    if (markdown.trim() !== '') parts.push({ kind: 'markdown', step, text: markdown.trim() });
    markdown = '';
  };
  for (const block of split(body)) {
    if (block.kind === 'fence') {
      endText();
      if (isHint(block.info)) parts.push({ kind: 'hint', step, text: block.text.trim() });
      else parts.push({ kind: 'code', step, ...cellOf(block.text) });
      continue;
    }
    const mark = STEP_MARK.exec(block.raw.trimStart());
    if (mark === null) {
      markdown += block.raw;
      continue;
    }
    endText();
    step = mark[1]!;
    if (steps.some(one => one.id === step)) problems.push(`The step "${step}" begins twice.`);
    else steps.push({ id: step, title: '' });
    markdown += block.raw.trimStart().slice(mark[0].length);
  }
  endText();
  for (const one of steps) one.title = titleOf(parts, one.id);
  problems.push(...cellsNamedTwice(parts));
  return { facts: factsOf(data, parts), parts, steps, problems };
}

const isHint = (info: string): boolean => /^\{hint\}/.test(info);

/** Options stand before the text: `:name: value` lines, or YAML between `---` lines. */
function cellOf(text: string): { name: string; text: string } {
  const yaml = /^---\n([^]*?\n)?---\n?/.exec(text);
  if (yaml !== null) {
    const { data } = readFrontMatter(text);
    return { name: typeof data['name'] === 'string' ? data['name'] : '', text: text.slice(yaml[0].length) };
  }
  const lines = text.split('\n');
  let name = '';
  let from = 0;
  for (let match = option(lines[from]); match !== null; match = option(lines[++from])) {
    if (match[1] === 'name') name = (match[2] ?? '').trim();
  }
  if (from > 0 && lines[from] === '') from++;
  return { name, text: lines.slice(from).join('\n') };
}

const option = (line: string | undefined): RegExpExecArray | null => /^:([a-z][\w-]*):(.*)$/.exec(line ?? '');

function titleOf(parts: readonly LabPart[], step: string): string {
  for (const part of parts) {
    const heading = part.kind === 'markdown' && part.step === step ? /^#{1,6} (.+)$/m.exec(part.text) : null;
    if (heading) return heading[1]!.trim().replaceAll('`', '');
  }
  return step;
}

function cellsNamedTwice(parts: readonly LabPart[]): string[] {
  const names = parts.flatMap(part => (part.kind === 'code' && part.name !== '' ? [part.name] : []));
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return [...twice].map(name => `Two cells have the name "${name}".`);
}

function factsOf(data: Record<string, YamlValue>, parts: readonly LabPart[]): LabFacts {
  const heading = parts.flatMap(part => (part.kind === 'markdown' ? (/^# (.+)$/m.exec(part.text)?.[1] ?? []) : []))[0];
  const { title, minutes, needs } = data;
  return {
    title: typeof title === 'string' ? title : (heading ?? ''),
    minutes: typeof minutes === 'number' && minutes > 0 ? minutes : 0,
    objectives: texts(data['objectives']),
    needs: typeof needs === 'object' && needs !== null && !Array.isArray(needs) ? needs : {},
    prerequisites: texts(data['prerequisites'])
  };
}

const texts = (value: YamlValue | undefined): string[] =>
  Array.isArray(value) ? value.filter(one => typeof one === 'string') : [];
