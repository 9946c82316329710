import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { projectFiles, readText, root } from './repository.js';

const labSchema = z.strictObject({
  title: z.string().min(1),
  minutes: z.number().int().positive(),
  needs: z.strictObject({ kernel: z.string().regex(/^\d+\.\d+$/), program_types: z.array(z.string()) }),
  objectives: z.array(z.string().min(1)).min(1),
  next: z.string(),
  expect: z
    .array(z.strictObject({ cell: z.number().int().positive(), text: z.string().min(1), fails: z.string().optional() }))
    .min(1)
});

const labs = projectFiles()
  .filter(name => /^labs\/.*\/lab\.json$/.test(name))
  .map(name => name.replace(/\/lab\.json$/, ''));

describe('the labs', () => {
  it('are at least six in the first course', () => {
    expect(labs.filter(name => name.startsWith('labs/start/')).length).toBeGreaterThanOrEqual(6);
  });

  it.each(labs)('%s has the agreed shape', folder => {
    const lab = labSchema.parse(JSON.parse(readText(`${folder}/lab.json`)));
    const text = readText(`${folder}/lab.md`);
    expect(text).toMatch(new RegExp(`^# `));
    expect(text).toContain('## What to remember');
    expect(text).toContain('## Where this is in the kernel');
    const cells = [...text.matchAll(/^```\S* cell\b/gm)].length;
    expect(Math.max(...lab.expect.map(item => item.cell))).toBeLessThanOrEqual(cells);
    if (lab.next !== '') expect(existsSync(join(root, 'labs', lab.next, 'lab.json'))).toBe(true);
  });

  it.each(labs)('%s has the same cells in Chinese', folder => {
    const cellsOf = (page: string) => readText(`${folder}/${page}`).match(/^```\S* cell\n[\s\S]*?^```$/gm);
    expect(cellsOf('lab.zh.md')).toEqual(cellsOf('lab.md'));
  });

  it('are all in a course', () => {
    const { courses } = JSON.parse(readText('labs/courses.json')) as { courses: { labs: string[] }[] };
    expect(courses.flatMap(course => course.labs.map(lab => `labs/${lab}`)).sort()).toEqual([...labs].sort());
  });
});
