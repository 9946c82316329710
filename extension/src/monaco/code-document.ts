/** A text that is shown in a Monaco tab. */
export interface ICodeDocument {
  /** Unique; a second request for it activates the tab that is open. */
  id: string;
  title: string;
  caption: string;
  text: string;
  /** Monaco's language id: "c", "json", "plaintext". */
  language: string;
  /** Left side of a comparison; absent: there is just the one text. */
  original?: { text: string; title: string };
  /** What the right side is, in a comparison. */
  modifiedTitle?: string;
  /** Writes the text back; absent: read-only. */
  save?: (text: string) => Promise<void>;
  /** 1-based place to begin at. */
  line?: number;
  column?: number;
}

/** Monaco's language id by a file's name. */
export function languageOf(path: string): string {
  if (/\.(c|h|cc|cpp|hpp)$/.test(path)) {
    return 'c';
  }
  return path.endsWith('.json') ? 'json' : 'plaintext';
}
