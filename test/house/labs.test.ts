import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { listLabFolders, readLabFolder } from '../../kernel-gateway/src/adapters/labs/lab-library.js';
import { lintLab } from '../../kernel-gateway/src/core/labs/lint-lab.js';
import { readText, root } from './repository.js';

const folder = join(root, 'labs');
const labs = await listLabFolders(folder);

const dataSchema = z.looseObject({
  next: z.string(),
  expect: z
    .array(z.strictObject({ cell: z.number().int().positive(), text: z.string().min(1), fails: z.string().optional() }))
    .default([])
});

describe('the labs', () => {
  it('are at least six in the first course', () => {
    expect(labs.filter(id => id.startsWith('start/')).length).toBeGreaterThanOrEqual(6);
  });

  it.each(labs)('%s has nothing that lint finds', async id => {
    const lab = await readLabFolder(folder, id, 'en');
    expect(lintLab(lab, await readLabFolder(folder, id, 'zh'))).toEqual([]);
  });

  it.each(labs)('%s ends with what to remember and where it is in the kernel', async id => {
    const text = readText(`labs/${id}/lab.md`);
    expect(text).toContain('## What to remember');
    expect(text).toContain('## Where this is in the kernel');
    const lab = await readLabFolder(folder, id, 'en');
    const data = dataSchema.parse(JSON.parse(readText(`labs/${id}/lab.json`)));
    const cells = lab.parts.filter(part => part.kind === 'code').length;
    expect(Math.max(0, ...data.expect.map(item => item.cell))).toBeLessThanOrEqual(cells);
    expect(labs).toEqual(expect.arrayContaining([...(data.next === '' ? [] : [data.next]), ...lab.prerequisites]));
  });

  it('are all in a course', () => {
    const { courses } = JSON.parse(readText('labs/courses.json')) as { courses: { labs: string[] }[] };
    expect(courses.flatMap(course => course.labs).sort()).toEqual([...labs].sort());
  });
});
