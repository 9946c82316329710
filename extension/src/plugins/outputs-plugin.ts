import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IConsoleTracker } from '@jupyterlab/console';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { INotebookModel, Notebook, NotebookPanel } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { Mime } from 'kernel-gateway/protocol';
import { DeferredOutput } from '../deferred-output.js';
import type { LabSession } from '../session/lab-session.js';
import { ILabSessions, IOutputServices } from '../tokens.js';

/** MIME type that JupyterLab gives the `error` output of a cell. */
const ERROR_MIME = 'application/vnd.jupyter.error';
/** Its text, as JupyterLab shows it. */
const ERROR_TEXT_MIME = 'application/vnd.jupyter.stderr';
/** Rank of our renderers: before every fallback. */
const RANK = 0;

/** Where outputs stand: in a notebook with its session, or anywhere else with neither. */
interface IOutputPlace {
  session: LabSession | null;
  notebook: Notebook | null;
}

/** Renderer factories for one place. All are safe: they show text, never markup. */
function factories(services: IOutputServices, { session, notebook }: IOutputPlace): IRenderMime.IRendererFactory[] {
  const make = (mimeType: string, load: () => Promise<IRenderMime.IRenderer>): IRenderMime.IRendererFactory => ({
    safe: true,
    mimeTypes: [mimeType],
    createRenderer: () => new DeferredOutput(load)
  });
  return [
    make(Mime.run, async () => new (await import('../run/run-output.js')).RunOutput(services, session)),
    make(Mime.view, async () => new (await import('../view/view-output.js')).ViewOutput(services, session, notebook)),
    make(Mime.testrun, async () => new (await import('../testrun/testrun-output.js')).TestRunOutput(services)),
    make(
      Mime.diagnosis,
      async () => new (await import('../diagnosis/diagnosis-output.js')).DiagnosisOutput(services, notebook)
    )
  ];
}

/** Our errors are drawn by us, all others as the text that JupyterLab makes of them. */
function addErrorFactory(rendermime: IRenderMimeRegistry, services: IOutputServices): void {
  rendermime.addFactory(
    {
      safe: true,
      mimeTypes: [ERROR_MIME],
      createRenderer: () =>
        new DeferredOutput(async () => {
          const { ErrorOutput } = await import('../diagnosis/error-output.js');
          return new ErrorOutput(services, () => rendermime.createRenderer(ERROR_TEXT_MIME));
        })
    },
    RANK
  );
}

/** Gives a registry renderers for its place: those of a notebook or console know its session. */
function addFactories(rendermime: IRenderMimeRegistry, services: IOutputServices, place: IOutputPlace): void {
  for (const factory of factories(services, place)) {
    rendermime.addFactory(factory, RANK);
  }
  if (place.session !== null) {
    addErrorFactory(rendermime, services);
  }
}

/** Gives every notebook renderers that know its session, before its first output is drawn. */
class NotebookRenderers implements DocumentRegistry.IWidgetExtension<NotebookPanel, INotebookModel> {
  constructor(services: IOutputServices, sessions: ILabSessions) {
    this._services = services;
    this._sessions = sessions;
  }

  createNew(panel: NotebookPanel): IDisposable {
    const session = this._sessions.forContext(panel.sessionContext);
    addFactories(panel.content.rendermime, this._services, { session, notebook: panel.content });
    // The registry belongs to the notebook and goes with it.
    return new DisposableDelegate(() => undefined);
  }

  private readonly _services: IOutputServices;
  private readonly _sessions: ILabSessions;
}

/** Draws runs, views and diagnoses: living in notebooks and consoles of ours, as snapshots everywhere else. */
export const outputsPlugin: JupyterFrontEndPlugin<void> = {
  id: '@bpflab/extension:outputs',
  description: 'Draws runs, live views and diagnoses in notebooks.',
  autoStart: true,
  requires: [IRenderMimeRegistry, ILabSessions, IOutputServices],
  activate: (app, rendermime: IRenderMimeRegistry, sessions: ILabSessions, services: IOutputServices) => {
    addFactories(rendermime, services, { session: null, notebook: null });
    app.docRegistry.addWidgetExtension('Notebook', new NotebookRenderers(services, sessions));
  }
};

/** The same in code consoles; each has a registry of its own, which goes with it. */
export const consoleOutputsPlugin: JupyterFrontEndPlugin<void> = {
  id: '@bpflab/extension:console-outputs',
  description: 'Draws runs, live views and diagnoses in consoles.',
  autoStart: true,
  requires: [IConsoleTracker, ILabSessions, IOutputServices],
  activate: (_app, consoles: IConsoleTracker, sessions: ILabSessions, services: IOutputServices) => {
    consoles.widgetAdded.connect((_, panel) => {
      const session = sessions.forContext(panel.sessionContext);
      addFactories(panel.console.rendermime, services, { session, notebook: null });
    });
  }
};
