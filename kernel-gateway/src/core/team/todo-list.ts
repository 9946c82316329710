/** `team/todo/todo-<name>.md` and the decisions of meetings that fill it. Lines that are no task stay as they are. */

/** A task; `from` is the file it was decided in, relative to `team/`, empty for one's own. */
export interface Todo {
  text: string;
  done: boolean;
  from: string;
}

/** A decision of a meeting: who shall do what. */
export interface Decision {
  who: string;
  text: string;
}

const TASK = /^\s*[-*] \[( |x|X)\] (.*?)(?: \(from \[?([^\])]+?)\]?(?:\([^)]*\))?\))?\s*$/;

/** Tasks of a list, in their order. */
export function readTodos(text: string): Todo[] {
  return text.split(/\r\n|\n|\r/).flatMap(line => {
    const match = TASK.exec(line);
    return match ? [{ done: match[1] !== ' ', text: match[2]!, from: match[3] ?? '' }] : [];
  });
}

/** The list with those tasks at its end that it does not have yet, done or not. */
export function withTodos(text: string | null, person: string, todos: readonly Todo[]): string {
  const before = text ?? `# To do: ${person}\n`;
  const known = new Set(readTodos(before).map(todo => keyOf(todo)));
  const lines = todos.filter(todo => !known.has(keyOf(todo)) && todo.text.trim() !== '').map(lineOf);
  return lines.length === 0 ? before : `${before.trimEnd()}\n${isList(before) ? '' : '\n'}${lines.join('\n')}\n`;
}

/** The list with the n-th task (from 0) ticked or not. */
export function withTick(text: string, index: number, done: boolean): string {
  let seen = -1;
  return text.replace(/^(\s*[-*] \[)([ xX])(\] )/gm, (line, begin: string, _mark: string, end: string) =>
    ++seen === index ? `${begin}${done ? 'x' : ' '}${end}` : line
  );
}

/** Decisions of a meeting: items below a heading "Decisions" or 决定 that begin with `@name` or `Name:`. */
export function readDecisions(text: string): Decision[] {
  const decisions: Decision[] = [];
  let isWithin = false;
  for (const line of text.split(/\r\n|\n|\r/)) {
    const heading = /^#{1,6} (.+)$/.exec(line);
    if (heading) isWithin = /^(decisions?|决定|决议)\b|^(决定|决议)/i.test(heading[1]!.trim());
    const item = isWithin
      ? /^\s*[-*] (?:\[[ xX]\] )?(?:@([^\s:：]+)\s*[:：]?|([^:：]{1,40})[:：])\s*(.+)$/.exec(line)
      : null;
    if (item) decisions.push({ who: (item[1] ?? item[2] ?? '').trim(), text: item[3]!.trim() });
  }
  return decisions;
}

const keyOf = ({ text, from }: Todo): string => `${text.trim()} ${from}`;
const lineOf = ({ text, done, from }: Todo): string =>
  `- [${done ? 'x' : ' '}] ${text.replace(/\s+/g, ' ').trim()}${from === '' ? '' : ` (from [${from}](../${from}))`}`;
const isList = (text: string): boolean => /^\s*[-*] /.test(text.trimEnd().split('\n').at(-1) ?? '');
