import { showErrorMessage, type IThemeManager } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { element } from '../dom/element.js';
import type { ICodeDocument } from './code-document.js';
import { defineTheme, loadMonaco } from './load-monaco.js';

type Monaco = ReturnType<typeof loadMonaco>;
type CodeEditor = ReturnType<Monaco['editor']['create']>;
type DiffEditor = ReturnType<Monaco['editor']['createDiffEditor']>;

/** What a tab needs besides its document. */
export interface ICodeTabHost {
  trans: TranslationBundle;
  themes: IThemeManager | null;
  fontSize: number;
}

/** A main-area tab with Monaco: one text, or two side by side. Ctrl+S saves what can be saved. */
export class CodeTab extends Widget {
  constructor(document: ICodeDocument, host: ICodeTabHost) {
    super();
    this._document = document;
    this._host = host;
    this._monaco = loadMonaco();
    this.addClass('jp-BpflabMonaco');
    this.id = document.id;
    this.title.label = document.title;
    this.title.caption = document.caption;
    this.title.closable = true;
    this._place = element('div', { class: 'jp-BpflabMonaco-editor' });
    if (document.original !== undefined) {
      this.node.append(
        element(
          'div',
          { class: 'jp-BpflabMonaco-sides' },
          element('span', {}, document.original.title),
          element('span', {}, document.modifiedTitle ?? document.title)
        )
      );
    }
    this.node.append(this._place);
    host.themes?.themeChanged.connect(defineTheme, this);
  }

  /** Goes to a 1-based place. */
  reveal(line: number, column: number): void {
    const editor = this._editor ?? this._diff?.getModifiedEditor();
    editor?.layout();
    editor?.setPosition({ lineNumber: line, column });
    editor?.revealLineInCenter(line);
    editor?.focus();
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._host.themes?.themeChanged.disconnect(defineTheme, this);
    this._editor?.dispose();
    this._diff?.dispose();
    for (const model of this._models) {
      model.dispose();
    }
    super.dispose();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this._models.length === 0) {
      this._create();
    }
  }

  protected override onActivateRequest(): void {
    (this._editor ?? this._diff)?.focus();
  }

  private _create(): void {
    const { text, language, original, save, line, column } = this._document;
    const { editor } = this._monaco;
    const options = {
      automaticLayout: true,
      fontSize: this._host.fontSize,
      readOnly: save === undefined,
      minimap: { enabled: false },
      scrollBeyondLastLine: false,
      tabSize: 8,
      ariaLabel: this._document.title,
      renderValidationDecorations: 'off' as const
    };
    const model = editor.createModel(text, language);
    this._models.push(model);
    if (original === undefined) {
      this._editor = editor.create(this._place, { ...options, model });
    } else {
      const before = editor.createModel(original.text, language);
      this._models.push(before);
      this._diff = editor.createDiffEditor(this._place, {
        ...options,
        originalEditable: false,
        renderSideBySide: true,
        renderOverviewRuler: false
      });
      this._diff.setModel({ original: before, modified: model });
    }
    if (save !== undefined) {
      this._bindSave(save, model);
    }
    if (line !== undefined) {
      // The tab has its size, and so a center, when the shell has laid it out.
      requestAnimationFrame(() => {
        if (!this.isDisposed) {
          this.reveal(line, column ?? 1);
        }
      });
    }
  }

  private _bindSave(save: (text: string) => Promise<void>, model: ReturnType<Monaco['editor']['createModel']>): void {
    const { KeyMod, KeyCode } = this._monaco;
    const title = this._document.title;
    model.onDidChangeContent(() => {
      this.title.className = 'jp-mod-dirty';
      this.title.label = `${title} •`;
    });
    const editor = this._editor ?? this._diff?.getModifiedEditor();
    editor?.addCommand(KeyMod.CtrlCmd | KeyCode.KeyS, () => {
      const version = model.getVersionId();
      save(model.getValue()).then(
        () => {
          if (!this.isDisposed && model.getVersionId() === version) {
            this.title.className = '';
            this.title.label = title;
          }
        },
        (error: unknown) => showErrorMessage(this._host.trans.__('%1 was not saved', title), error as Error)
      );
    });
  }

  private readonly _document: ICodeDocument;
  private readonly _host: ICodeTabHost;
  private readonly _monaco: Monaco;
  private readonly _place: HTMLElement;
  private readonly _models: ReturnType<Monaco['editor']['createModel']>[] = [];
  private _editor: CodeEditor | null = null;
  private _diff: DiffEditor | null = null;
}
