/**
 * Name of a person's folder and files: letters and digits of any script, `-`, `_` and `.` within; blanks become `-`. Null: nothing
 * of the name can stand in a path.
 */
export function personFolder(name: string): string | null {
  const folder = name
    .normalize('NFC')
    .replace(/\s+/gu, '-')
    .replace(/[^\p{L}\p{N}\p{M}._-]/gu, '')
    .replace(/\.{2,}/gu, '.')
    .slice(0, 60)
    .replace(/^[.-]+|[.-]+$/gu, '')
    .toWellFormed();
  return folder === '' ? null : folder;
}
