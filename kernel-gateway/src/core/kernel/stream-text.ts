/**
 * Text of a stream, as a terminal shows it: a carriage return goes to the start of its line, a backspace one character
 * back, and what comes then overwrites. A progress bar so stays one line in the notebook.
 */
export class StreamText {
  #lines = '';
  /** The last line as it came, since where its cursor stands decides what comes next. */
  #open = '';

  /** The text with all that was added; adding it in other pieces makes no difference. */
  get text(): string {
    return this.#lines + overwriteLine(this.#open);
  }

  add(text: string): void {
    const lines = (this.#open + text).split('\n');
    this.#open = lines.pop() ?? '';
    for (const line of lines) this.#lines += `${overwriteLine(line)}\n`;
  }
}

function overwriteLine(line: string): string {
  if (!/[\r\b]/.test(line)) return line;
  const characters: string[] = [];
  let at = 0;
  for (const character of line) {
    if (character === '\r') at = 0;
    else if (character === '\b') at = Math.max(0, at - 1);
    else characters[at++] = character;
  }
  return characters.join('');
}
