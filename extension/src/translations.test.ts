import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

type Catalog = Record<string, string[] | undefined>;

const locale = join(import.meta.dirname, '../locale');

/** All texts that the source gives to a translator, the singular where there are two forms; and which those are. */
async function messages(): Promise<{ all: string[]; plural: Set<string> }> {
  const files = (await readdir(import.meta.dirname, { recursive: true })).filter(
    name => name.endsWith('.ts') && !name.endsWith('.test.ts')
  );
  const texts = await Promise.all(files.map(name => readFile(join(import.meta.dirname, name), 'utf8')));
  const found = texts.flatMap(text => [...text.matchAll(/\.(__|_n)\(\s*'((?:[^'\\]|\\.)*)'/g)]);
  const named = (kind: string): string[] => found.filter(match => match[1] === kind).map(match => match[2] ?? '');
  const plural = new Set(named('_n'));
  return { all: [...new Set([...named('__'), ...plural])].sort(), plural };
}

const placeholders = (text: string): string[] => (text.match(/%\d/g) ?? []).sort();

describe.each(['zh_CN'])('the catalog %s', language => {
  it('translates every text, with its placeholders, and nothing else', async () => {
    const catalog = JSON.parse(await readFile(join(locale, language, 'bpflab.json'), 'utf8')) as Catalog;
    const { all: wanted, plural } = await messages();
    expect(wanted.length).toBeGreaterThan(80);
    expect(
      Object.keys(catalog)
        .filter(key => key !== '')
        .sort()
    ).toEqual(wanted);
    for (const message of wanted) {
      const forms = catalog[message] ?? [];
      // JupyterLab takes a plural only where there are two forms, also for a language that has one.
      expect([message, forms.length]).toEqual([message, plural.has(message) ? 2 : 1]);
      for (const form of forms) {
        expect(placeholders(form)).toEqual(placeholders(message));
      }
    }
  });
});
