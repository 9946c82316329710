/** Monaco, in a chunk of its own: everything that imports from monaco-editor is reached through here. */
import 'monaco-editor/features/bracketMatching/register.js';
import 'monaco-editor/features/clipboard/register.js';
import 'monaco-editor/features/codeEditor/register.js';
import 'monaco-editor/features/codicon/register.js';
import 'monaco-editor/features/comment/register.js';
import 'monaco-editor/features/contextmenu/register.js';
import 'monaco-editor/features/cursorUndo/register.js';
import 'monaco-editor/features/diffEditor/register.js';
import 'monaco-editor/features/find/register.js';
import 'monaco-editor/features/folding/register.js';
import 'monaco-editor/features/gotoLine/register.js';
import 'monaco-editor/features/hover/register.js';
import 'monaco-editor/features/indentation/register.js';
import 'monaco-editor/features/linesOperations/register.js';
import 'monaco-editor/features/multicursor/register.js';
import 'monaco-editor/features/readOnlyMessage/register.js';
import 'monaco-editor/features/toggleTabFocusMode/register.js';
import 'monaco-editor/features/unicodeHighlighter/register.js';
import 'monaco-editor/features/wordHighlighter/register.js';
import 'monaco-editor/features/wordOperations/register.js';
import 'monaco-editor/languages/definitions/cpp/register.js';
import * as monaco from 'monaco-editor/editor/editor.api.js';

declare global {
  interface Window {
    MonacoEnvironment?: { getWorker: () => Worker };
  }
}

let isPrepared = false;

/** Monaco with its worker and C, dressed in JupyterLab's colors. */
export function loadMonaco(): typeof monaco {
  if (!isPrepared) {
    isPrepared = true;
    window.MonacoEnvironment = {
      getWorker: () => new Worker(new URL('monaco-editor/editor/editor.worker.js', import.meta.url), { type: 'module' })
    };
  }
  defineTheme();
  return monaco;
}

/** A color of JupyterLab's theme as #rrggbb; empty when it is none. */
function themeColor(name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const parts = /rgba?\((\d+), (\d+), (\d+)/.exec(getComputedStyle(probe).color);
  probe.remove();
  return parts === null
    ? ''
    : `#${parts
        .slice(1)
        .map(part => Number(part).toString(16).padStart(2, '0'))
        .join('')}`;
}

/** Monaco's theme from JupyterLab's: called anew when that changes. */
export function defineTheme(): void {
  const isLight = document.body.dataset['jpThemeLight'] !== 'false';
  const wanted: [string, string][] = [
    ['editor.background', '--jp-layout-color0'],
    ['editor.foreground', '--jp-ui-font-color1'],
    ['editorGutter.background', '--jp-layout-color0'],
    ['editorLineNumber.foreground', '--jp-ui-font-color3'],
    ['focusBorder', '--jp-brand-color1'],
    ['editorWidget.background', '--jp-layout-color1']
  ];
  const colors: Record<string, string> = {};
  for (const [key, name] of wanted) {
    const color = themeColor(name);
    if (color !== '') {
      colors[key] = color;
    }
  }
  monaco.editor.defineTheme('jupyterlab', { base: isLight ? 'vs' : 'vs-dark', inherit: true, rules: [], colors });
  monaco.editor.setTheme('jupyterlab');
}
