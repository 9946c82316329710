import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

interface Finding {
  id: string;
  impact: string;
  nodes: { html: string; failureSummary: string }[];
}

async function findings(page: Page, selector: string): Promise<Finding[]> {
  await page.evaluate(await readFile(axe, 'utf8'));
  return page.evaluate(async within => {
    const { axe: checker } = window as unknown as {
      axe: { run(context: object): Promise<{ violations: Finding[] }> };
    };
    return (await checker.run({ include: [within] })).violations;
  }, selector);
}

const texts = (found: Finding[]): string[] =>
  found.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));

/** Everything that axe-core finds in what matches; nothing when all is well. */
export const accessibilityFaults = async (page: Page, selector: string): Promise<string[]> =>
  texts(await findings(page, selector));

/** Only what it calls serious or critical, where what matches holds parts of others. */
export const seriousFaults = async (page: Page, selector: string): Promise<string[]> =>
  texts((await findings(page, selector)).filter(({ impact }) => impact === 'serious' || impact === 'critical'));
