import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { currentContext, setCurrentContext } from './current-context.js';

let folder: string;
let env: NodeJS.ProcessEnv;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bpflab-context-'));
  env = { KUBECONFIG: `${join(folder, 'config')}:${join(folder, 'other')}` };
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (text: string): void => writeFileSync(join(folder, 'config'), text, { mode: 0o600 });
const read = (): string => readFileSync(join(folder, 'config'), 'utf8');

it.each([
  ['current-context: work\n', 'work'],
  ['kind: Config\ncurrent-context: "my work"\nusers: []\n', 'my work'],
  ['current-context: ""\n', null],
  ['kind: Config\n', null]
])('reads %j', (text, expected) => {
  write(text);
  expect(currentContext(env)).toBe(expected);
});

it('has none where there is no file, and makes none', () => {
  expect(currentContext(env)).toBeNull();
  setCurrentContext(env, 'work');
  expect(currentContext(env)).toBeNull();
});

it('changes one line and nothing else, and keeps the mode', () => {
  write('kind: Config # mine\ncurrent-context: a\nusers: []\n');
  setCurrentContext(env, 'b: $& c');
  expect(read()).toBe('kind: Config # mine\ncurrent-context: "b: $& c"\nusers: []\n');
  expect(statSync(join(folder, 'config')).mode & 0o777).toBe(0o600);
});

it('adds the line where kind has removed it', () => {
  write('kind: Config\nusers: []');
  setCurrentContext(env, 'work');
  expect(read()).toBe('kind: Config\nusers: []\ncurrent-context: "work"\n');
  expect(currentContext(env)).toBe('work');
});
