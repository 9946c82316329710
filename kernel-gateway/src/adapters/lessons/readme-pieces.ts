import { lexer } from 'marked';
import type { ReadmePiece } from '../../core/lessons/lesson-source.js';

/** Longest Markdown that is taken apart; the lexer's time may grow with the square of it. */
const MOST_CHARACTERS = 2 * 1024 * 1024;

/**
 * A Markdown text at its top level. Texts of more than 2 MiB, and those that the lexer gives up on, are one piece of text. The
 * pieces' raw bytes are the text: where the lexer changes some (it expands tabs at line ends, and line ends themselves), the
 * text's own are taken.
 */
export function readmePieces(text: string): ReadmePiece[] {
  const source = text.replace(/\r\n?/g, '\n');
  if (source.length > MOST_CHARACTERS) return [{ kind: 'text', raw: source, isHeading: false }];
  const pieces: ReadmePiece[] = [];
  try {
    for (const token of lexer(source)) {
      const isFence = token.type === 'code' && /^ {0,3}(```|~~~)/.test(token.raw);
      if (isFence) {
        const info = String((token['lang'] as string | undefined) ?? '');
        pieces.push({ kind: 'fence', raw: token.raw, info, text: String(token['text']) });
      } else pieces.push({ kind: 'text', raw: token.raw, isHeading: token.type === 'heading' });
    }
  } catch {
    return [{ kind: 'text', raw: source, isHeading: false }];
  }
  const isWhole = pieces.map(({ raw }) => raw).join('') === source;
  return isWhole ? pieces : [{ kind: 'text', raw: source, isHeading: false }];
}
