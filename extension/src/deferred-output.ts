import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { PanelLayout, Widget } from '@lumino/widgets';

/** An output whose code is loaded when the first model comes; later models are given to the same renderer. */
export class DeferredOutput extends Widget implements IRenderMime.IRenderer {
  constructor(load: () => Promise<IRenderMime.IRenderer>) {
    super();
    this.layout = new PanelLayout();
    this._load = load;
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this._renderer ??= this._load();
    const renderer = await this._renderer;
    if (this.isDisposed) {
      renderer.dispose();
      return;
    }
    if (renderer.parent === null) {
      (this.layout as PanelLayout).addWidget(renderer);
    }
    await renderer.renderModel(model);
  }

  private readonly _load: () => Promise<IRenderMime.IRenderer>;
  private _renderer: Promise<IRenderMime.IRenderer> | null = null;
}
