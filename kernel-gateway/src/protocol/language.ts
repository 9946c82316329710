/** What an editor asks of a session over `LANGUAGE_COMM`, and the answers. Offsets are UTF-16; lines and columns 1-based. */
import { z } from 'zod';
import type { DiagnosisItem } from './mime.js';

/** Longest text of a cell or file that an editor sends, in UTF-16 units. */
const MAX_TEXT = 1024 * 1024;

const text = z.string().max(MAX_TEXT);
const cursor = z.number().int().nonnegative();
const path = z.string().min(1).max(400);

/** One question. `text` is a whole cell with its magic. */
export const languageAskSchema = z.discriminatedUnion('kind', [
  /** What the compiler says against a text; answered with null when a newer `check` overtook it. */
  z.object({ kind: z.literal('check'), text }),
  z.object({ kind: z.literal('signature'), text, cursor }),
  z.object({ kind: z.literal('definition'), text, cursor }),
  /** `style`: "lab", "kernel" or "llvm"; a .clang-format of the session wins. */
  z.object({ kind: z.literal('format'), text, style: z.string().max(20) }),
  z.object({ kind: z.literal('list_files') }),
  /** A file of the session, or a header of the compiler by the path after `#include`. */
  z.object({ kind: z.literal('read_file'), origin: z.enum(['session', 'header']), path }),
  z.object({ kind: z.literal('write_file'), path, text })
]);

/** comm_msg data from an editor; the answer has the same id. */
export const languageRequestSchema = z.object({ id: z.number().int(), ask: languageAskSchema });

/** See `languageAskSchema`. */
export type LanguageAsk = z.output<typeof languageAskSchema>;

/** A replacement that the compiler proposes; an empty range inserts. */
export interface DiagnosisFix {
  line: number;
  column: number;
  end_line: number;
  end_column: number;
  text: string;
}

/** A message of the compiler with the edits that would answer it. */
export interface CheckedItem extends DiagnosisItem {
  fixes: DiagnosisFix[];
}

/** A call that is being typed. `active` is the parameter's range in `label`, null when there is none. */
export interface SignatureAnswer {
  label: string;
  active: { start: number; end: number } | null;
  text: string;
}

/** Where a name is defined. `path` is empty for the cell itself. */
export interface DefinitionAnswer {
  origin: 'cell' | 'session' | 'header';
  path: string;
  line: number;
  column: number;
}

/** Answers by the kind of the question. */
export interface LanguageAnswers {
  check: CheckedItem[] | null;
  signature: SignatureAnswer | null;
  definition: DefinitionAnswer | null;
  format: string;
  list_files: { path: string; size: number }[];
  read_file: string;
  write_file: null;
}

/** comm_msg data to the editor. */
export type LanguageReply =
  | { id: number; ok: true; answer: LanguageAnswers[keyof LanguageAnswers] }
  | { id: number; ok: false; code: string; message: string; hint: string };
