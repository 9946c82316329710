import type { JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget } from '@jupyterlab/apputils';
import { MimeModel } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';
import { Mime, type InspectTypes } from 'kernel-gateway/protocol';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { element } from '../dom/element.js';
import { inspectorIcon } from '../icons.js';
import type { IOutputServices } from '../output-services.js';
import type { LabSession } from '../session/lab-session.js';
import { ViewOutput } from '../view/view-output.js';
import { CodeWidget } from './code-widget.js';
import type { InspectorClient } from './inspector-client.js';
import type { IItemAction } from './inventory-items.js';

/** Between two reads of a map whose contents are in front. */
const REREAD_MS = 1000;

/** What details are made with. */
export interface IDetailsOptions {
  app: JupyterFrontEnd;
  services: IOutputServices;
  client: InspectorClient;
  session: LabSession;
}

/** Opens the code of a program, the contents of a map or types as a tab of the main area. */
export async function openDetails(options: IDetailsOptions, action: IItemAction['do']): Promise<void> {
  const { app, services, client } = options;
  if (action.kind === 'code') {
    const code = await client.ask({ type: 'code', program: action.program });
    addTab(app, { content: new CodeWidget(code, services), id: `program-${action.program}`, label: code.name });
  } else if (action.kind === 'btf') {
    const types = await client.ask({ type: 'btf', btf: action.btf });
    addTab(app, { content: typesWidget(types, action.name), id: `btf-${action.btf}`, label: action.name });
  } else if (action.kind === 'dump') {
    const { content, model } = await mapWidget(options, action.map);
    addTab(app, { content, id: `map-${action.map}`, label: action.name });
    await content.renderModel(model);
  }
}

function addTab(app: JupyterFrontEnd, { content, id, label }: { content: Widget; id: string; label: string }): void {
  const tab = new MainAreaWidget({ content });
  tab.id = `bpflab-inspector-${id}-${++tabs}`;
  tab.title.label = label;
  tab.title.icon = inspectorIcon;
  tab.title.closable = true;
  // The first stands below the notebook, the others beside it.
  const isThere = [...app.shell.widgets('main')].some(widget => widget.id === lastTab);
  app.shell.add(tab, 'main', isThere ? { mode: 'tab-after', ref: lastTab } : { mode: 'split-bottom' });
  lastTab = tab.id;
  app.shell.activateById(tab.id);
}

let tabs = 0;
let lastTab = '';

/** A view whose rows are read again while it is looked at; the session drops it with the tab. */
class MapTab extends ViewOutput {
  constructor(options: IDetailsOptions, map: number) {
    super(options.services, options.session, null);
    this.addClass('jp-BpflabInspector-map');
    // The rules of tables in outputs hold here too.
    this.addClass('jp-OutputArea-output');
    this._timer = setInterval(() => {
      if (this.isVisible && document.visibilityState === 'visible') {
        options.client.ask({ type: 'dump', map }).catch(() => clearInterval(this._timer));
      }
    }, REREAD_MS);
    this.disposed.connect(() => {
      clearInterval(this._timer);
      options.client.ask({ type: 'close', map }).catch(() => undefined);
    });
  }

  private readonly _timer: ReturnType<typeof setInterval>;
}

async function mapWidget(options: IDetailsOptions, map: number): Promise<{ content: MapTab; model: MimeModel }> {
  const { bundle } = await options.client.ask({ type: 'dump', map });
  const data = { [Mime.view]: bundle } as unknown as ReadonlyPartialJSONObject;
  return { content: new MapTab(options, map), model: new MimeModel({ data }) };
}

function typesWidget(types: InspectTypes, name: string): Widget {
  const content = new Widget();
  content.addClass('jp-BpflabOutput');
  content.addClass('jp-BpflabCode');
  content.node.append(
    element('pre', { class: 'jp-BpflabCode-types', tabindex: 0, role: 'group', 'aria-label': name }, types.text)
  );
  return content;
}
