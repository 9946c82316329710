import { lexer, type Tokens } from 'marked';
import type { MarkdownBlock } from '../../core/labs/lab.js';

/** The blocks of a Markdown text: fenced blocks at the start of a line, and everything else as it stands. */
export function markdownBlocks(markdown: string): MarkdownBlock[] {
  return lexer(markdown).map(token => {
    const { info, text } = token.type === 'code' ? fenceOf(token as Tokens.Code) : { info: '', text: '' };
    return isOurs(info) ? { kind: 'fence', info, text } : { kind: 'text', raw: token.raw };
  });
}

const fenceOf = ({ lang, text, raw }: Tokens.Code): { info: string; text: string } => ({
  info: /^(`{3,}|~{3,})/.test(raw) ? (lang ?? '') : '',
  text
});

/** Everything else stays as it was written. */
const isOurs = (info: string): boolean =>
  !/[`~]/.test(info) && (/^\{(code-cell|hint)\}/.test(info) || info.split(/\s+/).includes('cell'));
