/** What the importer reads of a repository, as values: no file is opened here. */

/** One text file of a lesson. `path` is relative to the lesson's folder, `/` between names. */
export interface SourceFile {
  path: string;
  text: string;
}

/**
 * A part of a Markdown text at its top level. All `raw` one after the other are the text itself, byte for byte. `info` is
 * the fence's info string, `text` what it encloses.
 */
export type ReadmePiece =
  | { kind: 'text'; raw: string; isHeading: boolean }
  | { kind: 'fence'; raw: string; info: string; text: string };

/** One lesson before it is read. */
export interface LessonSource {
  /** Path in the repository, unique: of the folder, or of the folder and a program's name. */
  id: string;
  title: string;
  /** `en`, `zh`. */
  language: string;
  /** Path of the folder in the repository; empty for the root. */
  folder: string;
  /** Path in the repository of the text that `pieces` were cut from; empty when there is none. */
  readme: string;
  pieces: readonly ReadmePiece[];
  files: readonly SourceFile[];
  /** Programs that the lesson is of, by file name without `.bpf.c`; null: all of the folder. */
  only: readonly string[] | null;
}

/** Where an import comes from; `commit` is null when the folder is no clone or has none yet. */
export interface Provenance {
  repository: string;
  commit: string | null;
  /** Licence of the repository as its LICENSE file says; empty when it has none that is known. */
  license: string;
  /** ISO day. */
  importedOn: string;
  /** Version of bpflab. */
  tool: string;
}

/** What a cell of a lesson is, kept in its metadata as `bpflab.lesson`. */
export interface CellOrigin {
  role: 'provenance' | 'prose' | 'file' | 'command' | 'note' | 'warning' | 'change';
  /** File of the lesson whose text it holds or that it runs. */
  file?: string;
  /** Command of the README that it stands for, as it was written. */
  original?: string;
  /** What the README says that comes out. */
  expected?: string;
  /** Words in angle brackets that are asked for when the cell runs. */
  placeholders?: string[];
  /** The README's own bytes, where the cell shows something else instead. */
  readme?: string;
}

/** One cell of a lesson. `key` is the same for the same cell of a later version of the lesson. */
export interface LessonCell {
  type: 'markdown' | 'code';
  key: string;
  source: string;
  origin: CellOrigin;
}
