import js from '@eslint/js';
import jupyter from '@jupyter/eslint-plugin';
import prettier from 'eslint-config-prettier';
import jsdoc from 'eslint-plugin-jsdoc';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const nodeGlobals = Object.fromEntries(
  [
    'process',
    'console',
    'Buffer',
    'URL',
    'setTimeout',
    'clearTimeout',
    'setInterval',
    'clearInterval',
    'AbortController',
    'AbortSignal',
    'fetch',
    'performance',
    'TextDecoder',
    'TextEncoder',
    'queueMicrotask',
    'structuredClone'
  ].map(name => [name, 'readonly'])
);

const sizes = {
  'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
  'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
  complexity: ['error', 12],
  'max-params': ['error', 4]
};

export default defineConfig([
  globalIgnores([
    '**/lib',
    '**/node_modules',
    '**/*.cjs',
    'extension/app/dist',
    'extension/labextension',
    'test/fixtures'
  ]),
  js.configs.recommended,
  { files: ['**/*.mjs', '**/*.js'], languageOptions: { globals: nodeGlobals }, rules: sizes },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.recommended],
    plugins: { jsdoc },
    rules: {
      ...sizes,
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      'no-console': 'error',
      'jsdoc/require-jsdoc': [
        'error',
        { publicOnly: true, contexts: ['TSInterfaceDeclaration', 'TSTypeAliasDeclaration'] }
      ],
      'jsdoc/require-description': 'error',
      'jsdoc/no-types': 'error',
      'jsdoc/check-param-names': 'error'
    }
  },
  {
    files: ['**/*.test.ts', 'test/**/*.ts', '*.config.ts'],
    rules: {
      'max-lines-per-function': 'off',
      'jsdoc/require-jsdoc': 'off',
      'max-lines': ['error', { max: 800, skipBlankLines: true, skipComments: true }]
    }
  },
  { files: ['kernel-gateway/src/cli/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['extension/**/*.ts', 'extension/**/*.tsx'],
    ignores: ['**/*.test.ts'],
    plugins: { jupyter },
    extends: [jupyter.configs.recommended],
    rules: {
      // Outputs are loaded when the first is drawn; what plugins import besides is needed at their activation.
      'jupyter/prefer-lazy-imports': 'off'
    }
  },
  prettier
]);
