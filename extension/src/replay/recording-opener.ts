import { ABCWidgetFactory, Base64ModelFactory, DocumentWidget, type DocumentRegistry } from '@jupyterlab/docregistry';
import { Widget } from '@lumino/widgets';

/** A document whose content is not fetched: a recording may have hundreds of megabytes, and the server plays it. */
export class UnreadModelFactory extends Base64ModelFactory {
  static readonly NAME = 'bpflab-unread';

  override get name(): string {
    return UnreadModelFactory.NAME;
  }

  /** Null: the document manager asks for no content. */
  override get fileFormat(): null {
    return null;
  }
}

/** Opens a recording, as by a double click, with its player; the tab that the document manager asks for goes at once. */
export class RecordingOpener extends ABCWidgetFactory<DocumentWidget> {
  constructor(options: DocumentRegistry.IWidgetFactoryOptions<DocumentWidget>, play: (path: string) => Promise<void>) {
    super(options);
    this._play = play;
  }

  protected override createNewWidget(context: DocumentRegistry.Context): DocumentWidget {
    const widget = new DocumentWidget({ content: new Widget(), context });
    void context.ready
      .then(() => this._play(context.path))
      .finally(() => {
        widget.dispose();
      });
    return widget;
  }

  private readonly _play: (path: string) => Promise<void>;
}
