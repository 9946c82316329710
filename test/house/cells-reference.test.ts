import { describe, expect, it } from 'vitest';
import { magicTable } from '../../kernel-gateway/src/core/cells/magic.table.js';
import { readText } from './repository.js';

const page = readText('docs/reference/cells.md');

describe('docs/reference/cells.md', () => {
  it.each(magicTable.map(magic => magic.usage))('shows the usage %s', usage => {
    expect(page.replaceAll('\\|', '|')).toContain(`\`${usage}\``);
  });

  it('names every option', () => {
    const options = new Set(magicTable.flatMap(magic => magic.options.map(option => `--${option.name}`)));
    expect([...options].filter(option => !page.includes(option))).toEqual([]);
  });
});
