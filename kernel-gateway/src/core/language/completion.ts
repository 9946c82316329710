/** One word that may be put in. `type` is a word of Jupyter's completers; `signature` says more in one line. */
export interface CompletionItem {
  text: string;
  type: 'function' | 'struct' | 'field' | 'map' | 'macro' | 'enum' | 'type' | 'variable' | 'section' | 'magic' | 'word';
  signature: string;
}

/** Words that may stand between `start` and `end` (UTF-16 offsets into the text), best first. */
export interface Completion {
  items: CompletionItem[];
  start: number;
  end: number;
}

/** Words of one kind without more to say. */
export const plainItems = (type: CompletionItem['type'], names: readonly string[]): CompletionItem[] =>
  names.map(text => ({ text, type, signature: '' }));
