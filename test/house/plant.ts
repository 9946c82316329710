import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const configs = [
  'tsconfig.base.json',
  'tsconfig.json',
  'eslint.config.js',
  '.oxlintrc.json',
  '.dependency-cruiser.cjs',
  '.stylelintrc.json',
  'package.json',
  'kernel-gateway/package.json',
  'kernel-gateway/tsconfig.json',
  'kernel-gateway/src/protocol/tsconfig.json',
  'kernel-gateway/src/core/tsconfig.json',
  'extension/tsconfig.json',
  'extension/package.json'
];

/** One lawful file in each layer, so that the tools have something to pass. */
const lawful = {
  'kernel-gateway/src/protocol/index.ts': '/** Version of the planted contract. */\nexport const version = 1;\n',
  'kernel-gateway/src/core/middle.ts':
    "import { version } from '../protocol/index.js';\n\n/** Version, one up. */\nexport const next = version + 1;\n",
  'kernel-gateway/src/adapters/edge.ts':
    "import { cwd } from 'node:process';\n\n/** Where the process runs. */\nexport const here = (): string => cwd();\n",
  'kernel-gateway/src/main.ts': "import { here } from './adapters/edge.js';\n\nhere();\n",
  'extension/src/index.ts':
    "import { version } from 'kernel-gateway/protocol';\n\n/** What the page shows. */\nexport const shown = version;\n",
  'test/inside.ts': '/** Nothing. */\nexport const nothing = 0;\n'
};

/** What a tool came to: its exit status and everything that it printed. */
export interface Verdict {
  status: number;
  output: string;
}

/**
 * A small workspace with this project's own configuration and one lawful file per layer; `files` are planted into it.
 * Remove it with `dispose`.
 */
export function plant(files: Record<string, string>): {
  run(tool: string, args: string[]): Verdict;
  dispose(): void;
} {
  const folder = mkdtempSync(join(tmpdir(), 'bpflab-plant-'));
  for (const name of configs) cpSync(join(root, name), join(folder, name), { recursive: true });
  for (const [name, text] of Object.entries({ ...lawful, ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync(join(root, 'node_modules')))
    if (name !== 'kernel-gateway') symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  symlinkSync(join(folder, 'kernel-gateway'), join(folder, 'node_modules/kernel-gateway'));
  return {
    run(tool, args) {
      const bin = realpathSync(join(root, 'node_modules/.bin', tool));
      const done = spawnSync(process.execPath, [bin, ...args], {
        cwd: folder,
        encoding: 'utf8'
      });
      return { status: done.status ?? -1, output: done.stdout + done.stderr };
    },
    dispose: () => rmSync(folder, { recursive: true, force: true })
  };
}
