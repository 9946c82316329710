/** `team/instructors.md`: who teaches, one name a line. Other lines stay as they are. */
const LINE = /^[-*] +(\S+)\s*$/;

/** Names of the folders of those who teach. */
export const readInstructors = (text: string): string[] =>
  text.split(/\r\n|\n|\r/).flatMap(line => LINE.exec(line)?.[1] ?? []);

/** The list with a person on it, or without. */
export function withInstructor(text: string | null, person: string, teaches: boolean): string {
  const before = text ?? '# Instructors\n\n';
  if (readInstructors(before).includes(person) === teaches) return before;
  if (teaches) return `${before.trimEnd()}\n${readInstructors(before).length === 0 ? '\n' : ''}- ${person}\n`;
  return before
    .split('\n')
    .filter(line => LINE.exec(line)?.[1] !== person)
    .join('\n');
}
