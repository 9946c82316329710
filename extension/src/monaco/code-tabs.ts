import type { JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget, type IThemeManager } from '@jupyterlab/apputils';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { codeIcon } from '@jupyterlab/ui-components';
import type { ICodeDocument } from './code-document.js';
import type { CodeTab } from './code-tab.js';

const DEFAULT_FONT_SIZE = 13;

/** Monaco tabs by the ids of their documents. Nothing of Monaco is loaded before the first one is opened. */
export class CodeTabs {
  constructor(app: JupyterFrontEnd, translator: ITranslator, themes: IThemeManager | null) {
    this._app = app;
    this._trans = translator.load('bpflab');
    this._isChinese = translator.languageCode.startsWith('zh');
    this._themes = themes;
  }

  /** Opens a document, beside what is open when it compares; one that is open is activated. */
  async open(document: ICodeDocument): Promise<void> {
    const known = this._tabs.get(document.id);
    if (known !== undefined && !known.isDisposed && document.original === undefined) {
      this._app.shell.activateById(known.id);
      if (document.line !== undefined) {
        known.content.reveal(document.line, document.column ?? 1);
      }
      return;
    }
    known?.dispose();
    if (this._isChinese) {
      // Monaco reads its texts when it is loaded.
      await import('monaco-editor/nls/lang/zh-cn.js');
    }
    const { CodeTab } = await import('./code-tab.js');
    const size = Number.parseInt(getComputedStyle(window.document.body).getPropertyValue('--jp-code-font-size'), 10);
    const fontSize = Number.isFinite(size) ? size : DEFAULT_FONT_SIZE;
    const content = new CodeTab(document, { trans: this._trans, themes: this._themes, fontSize });
    const widget = new MainAreaWidget({ content });
    widget.id = document.id;
    content.id = `${document.id}-content`;
    widget.title.icon = codeIcon;
    this._tabs.set(document.id, widget);
    this._app.shell.add(widget, 'main', { mode: 'tab-after' });
    this._app.shell.activateById(widget.id);
  }

  private readonly _app: JupyterFrontEnd;
  private readonly _trans: TranslationBundle;
  private readonly _isChinese: boolean;
  private readonly _themes: IThemeManager | null;
  private readonly _tabs = new Map<string, MainAreaWidget<CodeTab>>();
}
