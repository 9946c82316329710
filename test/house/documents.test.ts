import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFiles, readText, root } from './repository.js';

const files = projectFiles();
const pages = files.filter(name => name.endsWith('.md') && !name.startsWith('test/fixtures/'));
const texts = files.filter(
  name => /\.(md|ts|tsx|mjs|js|cjs|json|c|h|css|yaml|yml|sh|svg)$/.test(name) && name !== 'package-lock.json'
);

describe('the documents', () => {
  it.each(pages)('%s: every relative link leads somewhere', page => {
    const links = [...readText(page).matchAll(/\]\(([^)\s]+)\)/g)].map(match => match[1]!);
    const dead = links
      .filter(link => !/^[a-z]+:/.test(link) && !link.startsWith('#'))
      .filter(link => !existsSync(join(root, normalize(join(dirname(page), link.split('#')[0]!)))));
    expect(dead).toEqual([]);
  });

  it('name no path of the machine that they were written on', () => {
    const paths = /(^|["'`\s(])\/(Users|work|home)\/[\w-]+\//m;
    expect(texts.filter(name => paths.test(readText(name)))).toEqual([]);
  });

  it('say in one sentence why each dependency is there', () => {
    const reasons = readText('docs/adr/0002-dependencies.md');
    const missing = ['package.json', 'kernel-gateway/package.json', 'extension/package.json']
      .map(name => JSON.parse(readText(name)) as { dependencies?: object; devDependencies?: object })
      .flatMap(manifest => [
        ...Object.keys(manifest.dependencies ?? {}),
        ...Object.keys(manifest.devDependencies ?? {})
      ])
      .filter(name => !/^@(jupyterlab|lumino|codemirror|types)\//.test(name) && name !== 'kernel-gateway')
      .filter(name => !reasons.includes(`\`${name}\``));
    expect([...new Set(missing)]).toEqual([]);
  });
});

describe('the names', () => {
  it('are kebab-case, and say what is inside', () => {
    const code = files.filter(name =>
      /^(kernel-gateway\/src|extension\/src|bpf|test|scripts)\/.*\.(ts|tsx|mjs|c|h)$/.test(name)
    );
    const vague = /\/((.*-)?(utils?|helpers|misc|manager)|common|types)\.[a-z]+$/;
    expect(code.filter(name => vague.test(name))).toEqual([]);
    expect(code.filter(name => !/^[a-z0-9][a-z0-9-/._]*$/.test(name))).toEqual([]);
  });

  it('keep C files within 400 lines', () => {
    const long = files.filter(name => /^bpf\/agent\/.*\.[ch]$/.test(name) && readText(name).split('\n').length > 400);
    expect(long).toEqual([]);
  });
});
