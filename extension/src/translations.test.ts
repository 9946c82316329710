import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

type Catalog = Record<string, string[] | undefined>;

const locale = join(import.meta.dirname, '../locale');

/** All texts that the source gives to a translator, the singular where there are two forms. */
async function messages(): Promise<string[]> {
  const files = (await readdir(import.meta.dirname, { recursive: true })).filter(
    name => name.endsWith('.ts') && !name.endsWith('.test.ts')
  );
  const texts = await Promise.all(files.map(name => readFile(join(import.meta.dirname, name), 'utf8')));
  const found = texts.flatMap(text =>
    [...text.matchAll(/\._(?:_|n)\(\s*'((?:[^'\\]|\\.)*)'/g)].map(match => match[1] ?? '')
  );
  return [...new Set(found)].sort();
}

const placeholders = (text: string): string[] => (text.match(/%\d/g) ?? []).sort();

describe.each(['zh_CN'])('the catalog %s', language => {
  it('translates every text, with its placeholders, and nothing else', async () => {
    const catalog = JSON.parse(await readFile(join(locale, language, 'bpflab.json'), 'utf8')) as Catalog;
    const wanted = await messages();
    expect(wanted.length).toBeGreaterThan(80);
    expect(
      Object.keys(catalog)
        .filter(key => key !== '')
        .sort()
    ).toEqual(wanted);
    for (const message of wanted) {
      expect(placeholders(catalog[message]?.[0] ?? '')).toEqual(placeholders(message));
    }
  });
});
