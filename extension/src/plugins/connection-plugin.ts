import { ConnectionLost, IConnectionLost, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { ServerConnection, type ServiceManager } from '@jupyterlab/services';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { element } from '../dom/element.js';

/** How often a server that is gone is asked whether it is back. */
const ASK_MS = 1000;

/** Resolves when the server answers. */
async function answer(settings: ServerConnection.ISettings): Promise<void> {
  const url = URLExt.join(settings.baseUrl, 'api/status');
  for (;;) {
    const response = await ServerConnection.makeRequest(url, {}, settings).catch(() => null);
    if (response !== null) {
      return;
    }
    await new Promise(resolve => window.setTimeout(resolve, ASK_MS));
  }
}

/**
 * Says that our own server is gone, for as long as it is: outputs can be read meanwhile, so no dialog stands before them.
 * When it is back, what runs there is asked for at once: a server that was started anew has none of the kernels of before.
 */
export const connectionPlugin: JupyterFrontEndPlugin<IConnectionLost> = {
  id: '@bpflab/extension:connection',
  description: 'Says that the server does not answer, until it does.',
  autoStart: true,
  provides: IConnectionLost,
  optional: [ITranslator],
  activate: (_app, translator: ITranslator | null) => {
    if (PageConfig.getOption('bpflabServer') !== 'true') {
      return ConnectionLost;
    }
    const trans = (translator ?? nullTranslator).load('bpflab');
    let isAway = false;
    return async (manager: ServiceManager.IManager) => {
      if (isAway) {
        return;
      }
      isAway = true;
      const text = trans.__('The server does not answer. This page connects again by itself; what it shows is kept.');
      // JupyterLab's own notifications are drawn by code that is loaded when the first one comes: from that server.
      const notice = element('div', { class: 'jp-BpflabAway', role: 'alert' }, text);
      document.body.append(notice);
      await answer(manager.serverSettings);
      isAway = false;
      notice.remove();
      await Promise.all([manager.kernels.refreshRunning(), manager.sessions.refreshRunning()]).catch(() => undefined);
    };
  }
};
