import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Response } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requires } from '../requires.js';
import type { LabBrowser } from './lab-browser.js';
import { closeLabInBrowser, openLabInBrowser, type LabInBrowser } from './lab-in-browser.js';
import type { LabPage } from './lab-page.js';
import { notebookOf } from './notebook-of.js';
import type { NotebookPage } from './notebook-page.js';

const WAIT = { timeout: 30_000, interval: 50 };

const PROGRAM = `%%bpf typed
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 64);
    __type(key, u32);
    __type(value, u64);
} counts SEC(".maps");

SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
    struct task_struct *task = (void *)bpf_get_current_task();
    u32 key = 0;
    u64 value = 0;

`;
const END = '    return 0;\n}\n';
const HEADER = '%%file shared.h\nstruct shared { int first; };\n';
const UNTIDY = '%%bpf untidy\nint add(int a,int b){return a+b;}\n';
const CELLS = { program: 0, header: 1, untidy: 2 };

requires('vm', 'chromium')('the editor in a browser', () => {
  let opened: LabInBrowser;
  let browser: LabBrowser;
  let lab: LabPage;
  let notebook: NotebookPage;
  const scripts: Response[] = [];

  beforeAll(async () => {
    opened = await openLabInBrowser();
    ({ browser, lab, notebook } = opened);
    lab.page.on('response', response => {
      if (/\.js(\?|$)/.test(response.url())) scripts.push(response);
    });
    await writeFile(join(opened.server.notebooks, 'editor.ipynb'), notebookOf([PROGRAM + END, HEADER, UNTIDY]));
    await lab.open('editor.ipynb');
    await notebook.ready();
  });

  afterAll(() => closeLabInBrowser(opened));

  /** Whether a script that was loaded has Monaco's editor in it. */
  const hasMonaco = async (): Promise<boolean> => {
    const texts = await Promise.all(scripts.map(script => script.text().catch(() => '')));
    return texts.some(text => text.includes('createDiffEditor'));
  };

  /** Puts a text into a cell with the cursor at its "|", and the focus into its editor. */
  async function edit(index: number, marked: string): Promise<void> {
    const at = marked.indexOf('|');
    await notebook.setSource(index, marked.replace('|', ''));
    await notebook.goTo(index);
    await lab.page.evaluate(
      ([cell, offset]) => {
        const { content } = window.jupyterapp.shell.currentWidget as unknown as {
          content: { mode: string; widgets: { editor: { editor: EditorLike } }[] };
        };
        interface EditorLike {
          focus(): void;
          dispatch(change: object): void;
        }
        content.mode = 'edit';
        const view = content.widgets[cell]!.editor.editor;
        view.focus();
        view.dispatch({ selection: { anchor: offset } });
      },
      [index, at] as const
    );
  }

  const source = (index: number): Promise<string> =>
    lab.page.evaluate(at => window.jupyterapp.shell.currentWidget.content.widgets[at]!.model.sharedModel.source, index);

  it('marks what the compiler says while one types, and applies its fix by a key', async () => {
    await edit(CELLS.program, `${PROGRAM}    value = |;\n${END}`);
    await lab.page.keyboard.type('vallue');
    const marks = notebook.cell(CELLS.program).locator('.cm-lintRange-error');
    await marks.first().waitFor();
    expect(await marks.first().innerText()).toBe('vallue');
    await lab.page.keyboard.press('Control+.');
    await expect.poll(() => source(CELLS.program), WAIT).toContain('value = value;');
    await expect.poll(() => marks.count(), WAIT).toBe(0);
  });

  it('shows the parameters of a call, the one at the cursor in bold', async () => {
    await edit(CELLS.program, `${PROGRAM}    bpf_map_update_elem|;\n${END}`);
    await lab.page.keyboard.type('(&counts, ');
    const tooltip = lab.page.locator('.jp-BpflabSignature');
    await expect.poll(() => tooltip.locator('strong').innerText(), WAIT).toBe('const void *key');
    expect(await tooltip.innerText()).toContain('BPF_NOEXIST');
    await lab.screenshot('editor-signature');
  });

  it('completes members of kernel types through pointers, and helpers with their prototypes', async () => {
    await edit(CELLS.program, `${PROGRAM}    task->mm->pg|\n${END}`);
    await lab.page.keyboard.press('Tab');
    const words = lab.page.locator('.jp-Completer-item');
    await words.first().waitFor();
    expect((await words.allInnerTexts()).join(' ')).toContain('pgd');
    await lab.screenshot('editor-completion');
    await lab.page.keyboard.press('Escape');
  });

  it('explains a helper at Shift+Tab', async () => {
    await edit(CELLS.program, `${PROGRAM}    bpf_get_current_co|mm();\n${END}`);
    await lab.page.keyboard.press('Shift+Tab');
    const tooltip = lab.page.locator('.jp-Tooltip');
    await tooltip.waitFor();
    expect(await tooltip.innerText()).toContain('Since kernel 4.2');
    await lab.page.keyboard.press('Escape');
  });

  it('formats a cell, its magic left alone', async () => {
    await edit(CELLS.untidy, UNTIDY.replace('add', 'ad|d'));
    await lab.page.keyboard.press('Shift+Alt+F');
    await expect
      .poll(() => source(CELLS.untidy), WAIT)
      .toBe('%%bpf untidy\nint add(int a, int b)\n{\n    return a + b;\n}\n');
  });

  it('lists programs and maps in the table of contents', async () => {
    await edit(CELLS.program, `${PROGRAM}|${END}`);
    await lab.page.evaluate(() => window.jupyterapp.commands.execute('toc:show-panel'));
    const entries = lab.page.locator('.jp-TableOfContents-content .jp-tocItem-content');
    await expect
      .poll(() => entries.allInnerTexts(), WAIT)
      .toEqual(expect.arrayContaining(['counts (map, hash)', 'on_exec (tp/sched/sched_process_exec)']));
  });

  it('has loaded nothing of Monaco so far, and opens a definition of the kernel in it', async () => {
    expect(await hasMonaco()).toBe(false);
    await edit(CELLS.program, `${PROGRAM}    task->m|m;\n${END}`);
    await lab.page.keyboard.press('F12');
    const editor = lab.page.locator('.jp-BpflabMonaco .monaco-editor').first();
    await editor.waitFor();
    await expect.poll(() => editor.innerText(), WAIT).toMatch(/struct\smm_struct/);
    expect(await hasMonaco()).toBe(true);
    await lab.screenshot('editor-definition');
  });

  it('opens a file of the session, and saves it back', async () => {
    await lab.page.locator('.lm-TabBar-tabLabel', { hasText: 'editor.ipynb' }).click();
    await notebook.run(CELLS.header);
    await lab.page.evaluate(() => void window.jupyterapp.commands.execute('bpflab:open-session-file'));
    await lab.page.locator('.jp-Dialog input').fill('shared.h');
    await lab.page.locator('.jp-Dialog .jp-mod-accept').click();
    const editor = lab.page.locator('.jp-BpflabMonaco:visible .monaco-editor').first();
    await expect.poll(() => editor.innerText(), WAIT).toMatch(/struct\sshared/);
    await lab.page.keyboard.press('Control+End');
    await lab.page.keyboard.type('/* more */');
    await lab.page.keyboard.press('Control+s');
    await expect.poll(() => lab.page.locator('.lm-mod-current .jp-mod-dirty').count(), WAIT).toBe(0);
    await lab.page.locator('.lm-TabBar-tabLabel', { hasText: 'editor.ipynb' }).click();
    await edit(CELLS.header, '%%sh\ncat shared.h|');
    const outputs = await notebook.run(CELLS.header);
    expect(JSON.stringify(outputs)).toContain('/* more */');
  });

  it('shows a cell beside the version that was saved', async () => {
    await notebook.save();
    await edit(CELLS.program, `${PROGRAM}    key = 1;|\n${END}`);
    await lab.page.evaluate(() => void window.jupyterapp.commands.execute('bpflab:compare-cell'));
    await lab.page.locator('.jp-Dialog .jp-mod-accept').click();
    const sides = lab.page.locator('.jp-BpflabMonaco-sides');
    await sides.waitFor();
    expect(await sides.innerText()).toMatch(/As saved\s+Mine/);
    // Marks come from Monaco's worker.
    await lab.page.locator('.monaco-diff-editor .line-insert').first().waitFor();
    await lab.screenshot('editor-comparison');
  });

  it('shows the outputs of two cells side by side', async () => {
    await lab.page.locator('.lm-TabBar-tabLabel', { hasText: 'editor.ipynb' }).click();
    await notebook.setSource(CELLS.untidy, '%%sh\necho other; cat shared.h');
    await notebook.run(CELLS.untidy);
    await lab.page.evaluate(() => void window.jupyterapp.commands.execute('bpflab:compare-outputs'));
    await lab.page.locator('.jp-Dialog .jp-mod-accept').click();
    await lab.page.locator('.jp-BpflabMonaco:visible .line-insert').first().waitFor();
    const text = await lab.page.locator('.jp-BpflabMonaco:visible .monaco-diff-editor').innerText();
    expect(text).toMatch(/struct\sshared/);
  });

  it('left no error behind', () => {
    expect(browser.errors).toEqual([]);
  });
});
