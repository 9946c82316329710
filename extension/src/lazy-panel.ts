import type { LabIcon } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { PanelLayout, Widget } from '@lumino/widgets';

/** A panel of a side bar that wants to know whether it is in front. */
export type ShownPanel = Widget & { shown: boolean };

/** The place of a panel in a side bar; its code is loaded when it is opened for the first time. */
export class LazyPanel extends Widget {
  constructor(options: { id: string; icon: LabIcon; caption: string; load: () => Promise<ShownPanel> }) {
    super();
    this.id = options.id;
    this.addClass('jp-BpflabPanel-place');
    this.title.icon = options.icon;
    this.title.caption = options.caption;
    this.layout = new PanelLayout();
    this._load = options.load;
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._setShown(true);
  }

  protected override onBeforeHide(message: Message): void {
    super.onBeforeHide(message);
    this._setShown(false);
  }

  private _setShown(shown: boolean): void {
    this._isShown = shown;
    if (shown) {
      this._panel ??= this._load().then(panel => {
        (this.layout as PanelLayout).addWidget(panel);
        return panel;
      });
    }
    void this._panel?.then(panel => (panel.shown = this._isShown));
  }

  private readonly _load: () => Promise<ShownPanel>;
  private _panel: Promise<ShownPanel> | null = null;
  private _isShown = false;
}
