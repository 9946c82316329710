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
    .replace(/^(.{0,60}).*$/u, '$1')
    .replace(/^[.-]+|[.-]+$/gu, '');
  return folder === '' ? null : folder;
}
