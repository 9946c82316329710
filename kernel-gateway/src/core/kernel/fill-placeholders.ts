import type { CellInputLine } from '../session/ports.js';

/** A word in angle brackets that stands for a value, behind a space or `=`. */
const PLACEHOLDER = /(?<=[\s="])<([A-Za-z][\w .-]{0,30})>(?=[\s",]|$)/g;

/**
 * The text of a cell with the placeholders of its magic lines (`%%bpf x --ifname <interface>`, `%set pid=<pid>`) filled in by
 * whoever runs it; each is asked for once. Null when they give end of file instead of an answer. The body of a cell is left
 * alone: C and shells have brackets of their own.
 */
export async function fillPlaceholders(
  code: string,
  ask: (prompt: string) => Promise<CellInputLine>
): Promise<string | null> {
  const lines = code.split('\n');
  const answers = new Map<string, string>();
  for (const [index, line] of lines.entries()) {
    if (!line.startsWith('%')) break;
    for (const [, name = ''] of line.matchAll(PLACEHOLDER)) {
      if (answers.has(name)) continue;
      const { text, isEnd } = await ask(`${name}: `);
      if (isEnd || text.trim() === '') return null;
      answers.set(name, text.trim());
    }
    lines[index] = line.replace(PLACEHOLDER, (whole, name: string) => answers.get(name) ?? whole);
  }
  return lines.join('\n');
}
