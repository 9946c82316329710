import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plant, type Verdict } from './plant.js';

const cruise = ['--config', '.dependency-cruiser.cjs', 'kernel-gateway/src', 'extension/src'];
const statement = (from: string, name: string) =>
  `import { ${name} } from '${from}';\n\n/** Bad. */\nexport const bad = ${name};\n`;

/** File to text; each breaks one rule, and each rule has to name its file. */
const violations = {
  'kernel-gateway/src/core/needs-node.ts': statement('node:fs', 'readFileSync'),
  'kernel-gateway/src/core/needs-process.ts': '/** Bad. */\nexport const bad = process.pid;\n',
  'kernel-gateway/src/core/needs-adapter.ts': statement('../adapters/edge.js', 'here'),
  'kernel-gateway/src/protocol/needs-dom.ts': '/** Bad. */\nexport const bad = document.title;\n',
  'kernel-gateway/src/protocol/needs-core.ts': statement('../core/middle.js', 'next'),
  'kernel-gateway/src/adapters/needs-main.ts': "import '../main.js';\n",
  'kernel-gateway/src/adapters/needs-test.ts': statement('../../../test/inside.js', 'nothing'),
  'extension/src/needs-adapter.ts': statement('../../kernel-gateway/src/adapters/edge.js', 'here'),
  'kernel-gateway/src/adapters/floats.ts': 'Promise.resolve(1);\n',
  'test/floats.ts': 'Promise.resolve(1);\n',
  'kernel-gateway/src/adapters/naked.ts': 'export interface Naked {\n  a: number;\n}\n',
  'kernel-gateway/src/adapters/long.ts':
    Array.from({ length: 401 }, (_, i) => `const line${i} = ${i};`).join('\n') + '\n',
  'kernel-gateway/src/adapters/wide.ts':
    '/** Adds. */\nexport const add = (a: number, b: number, c: number, d: number, e: number) => a + b + c + d + e;\n',
  'kernel-gateway/src/adapters/talks.ts': "console.log('x');\n",
  'extension/style/base.css': '.mine {\n  color: red;\n}\n'
};

describe('a lawful workspace', () => {
  it('passes the compiler and the cruiser', () => {
    const workspace = plant({});
    try {
      expect(workspace.run('tsc', ['-b'])).toEqual({ status: 0, output: '' });
      expect(workspace.run('depcruise', cruise)).toMatchObject({ status: 0 });
    } finally {
      workspace.dispose();
    }
  });
});

describe('a workspace with planted violations', () => {
  let workspace: ReturnType<typeof plant>;
  let arrows: Verdict;
  let lint: string;
  let typedLint: string;

  beforeAll(() => {
    workspace = plant(violations);
    arrows = workspace.run('depcruise', cruise);
    typedLint = workspace.run('oxlint', ['--type-aware', '--format', 'json', '.']).output;
    lint = workspace.run('eslint', ['--format', 'json', 'kernel-gateway/src/adapters']).output;
  });
  afterAll(() => workspace.dispose());

  it('fails the cruiser', () => expect(arrows.status).not.toBe(0));

  it.each([
    ['core-is-pure', 'core/needs-node.ts'],
    ['core-is-pure', 'core/needs-adapter.ts'],
    ['protocol-imports-nothing', 'protocol/needs-core.ts'],
    ['adapters-see-core-and-protocol', 'adapters/needs-main.ts'],
    ['nobody-imports-test', 'adapters/needs-test.ts'],
    ['extension-sees-protocol-only', 'extension/src/needs-adapter.ts']
  ])('is caught by %s: %s', (rule, file) => {
    expect(arrows.output.split('\n').filter(line => line.includes(rule) && line.includes(file))).not.toEqual([]);
  });

  it.each([
    ['kernel-gateway/src/core', 'needs-node.ts', 'TS2591'],
    ['kernel-gateway/src/core', 'needs-process.ts', 'TS2591'],
    ['kernel-gateway/src/protocol', 'needs-dom.ts', 'TS2584']
  ])('is caught by the compiler in %s: %s', (project, file, code) => {
    const { output } = workspace.run('tsc', ['-p', project, '--noEmit']);
    expect(output.split('\n').filter(line => line.includes(file) && line.includes(code))).not.toEqual([]);
  });

  it.each([
    ['naked.ts', 'jsdoc/require-jsdoc'],
    ['long.ts', 'max-lines'],
    ['wide.ts', 'max-params'],
    ['talks.ts', 'no-console']
  ])('is caught by the linter: %s', (file, rule) => {
    const report = JSON.parse(lint) as { filePath: string; messages: { ruleId: string }[] }[];
    expect(
      report.find(entry => entry.filePath.endsWith(`/${file}`))?.messages.map(message => message.ruleId)
    ).toContain(rule);
  });

  it.each(['kernel-gateway/src/adapters/floats.ts', 'test/floats.ts'])('is caught by the linter of types: %s', file => {
    const report = JSON.parse(typedLint) as { diagnostics: { code: string; filename: string }[] };
    expect(report.diagnostics).toContainEqual(
      expect.objectContaining({ code: 'typescript(no-floating-promises)', filename: file })
    );
  });

  it('is caught by the style rules', () => {
    const { output } = workspace.run('stylelint', ['extension/style/base.css']);
    expect(output).toMatch(/declaration-property-value-allowed-list/);
    expect(output).toMatch(/selector-class-pattern/);
  });
});
