/** Run on the product's Node: `fetch-wheel.mjs INDEX PROJECT FILE SHA256 TARGET` writes a file of a package index. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';

const LIMIT_MS = 60_000;
const [index = '', project = '', file = '', sha256 = '', target = ''] = process.argv.slice(2);

/** @param {string} url */
async function get(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS), headers: { accept: 'text/html, */*' } });
  if (!response.ok) throw new Error(`${url} answers with status ${response.status}.`);
  return response;
}

try {
  // Links are relative to the page, which may be another one than was asked for; ours is found by its name.
  const page = await get(`${index.replace(/\/$/, '')}/${project}/`);
  const links = [...(await page.text()).matchAll(/href="([^"]+)"/g)].map(match => match[1] ?? '');
  const link = links.find(address => address.split('#')[0]?.endsWith(`/${file}`));
  if (!link) throw new Error(`${page.url} does not offer ${file}.`);
  const bytes = Buffer.from(await (await get(new URL(link.replaceAll('&amp;', '&'), page.url).href)).arrayBuffer());
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) throw new Error(`${file} is not the file that was pinned: its SHA-256 is ${found}.`);
  writeFileSync(target, bytes);
} catch (error) {
  const { message, cause } = /** @type {Error & { cause?: { message?: string } }} */ (error);
  process.stderr.write(`${cause?.message ? `${message}: ${cause.message}` : message}\n`);
  process.exitCode = 1;
}
