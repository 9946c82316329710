/** Reads the programs that a Makefile makes from its `APPS` lines, without running it. */

const VARIABLE = /\$[({](\w+)[)}]/g;

/**
 * Words of `APPS`, in their order, with the variables that the file itself sets. Of several values that conditions choose
 * from, those that are not empty count: what a machine lacks, the build says. Null: the Makefile has no `APPS`.
 */
export function appNames(makefile: string): string[] | null {
  const values = new Map<string, string[]>();
  for (const line of makefile.replaceAll(/\\\r?\n/g, ' ').split('\n')) {
    const match = /^(\w+)\s*(?::|\+|\?)?=\s*([^#]*)/.exec(line);
    if (match === null) continue;
    const words = (match[2] ?? '').split(/\s+/).filter(word => word !== '');
    values.set(match[1] ?? '', [...(values.get(match[1] ?? '') ?? []), ...words]);
  }
  const apps = values.get('APPS');
  if (apps === undefined) return null;
  const expand = (word: string): string[] => {
    const name = new RegExp(VARIABLE.source).exec(word)?.[1];
    return name === undefined ? [word] : (values.get(name) ?? []);
  };
  return [...new Set(apps.flatMap(expand))].filter(word => /^[\w.-]+$/.test(word));
}
