import { InputDialog, showErrorMessage } from '@jupyterlab/apputils';
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

/** A container of the cluster, as the gateway lists it. */
interface IContainer {
  /** Name of the terminal to open. */
  terminal: string;
  node: string;
  namespace: string;
  pod: string;
  container: string;
}

/** Asks for a container of the cluster; the name of the terminal that is a shell in it, null when there is none or none was chosen. */
export async function choosePodTerminal(trans: TranslationBundle): Promise<string | null> {
  const containers = await listContainers().catch(async (error: unknown) => {
    await showErrorMessage(trans.__('There is no cluster to open a terminal in'), error as Error);
    return null;
  });
  if (containers === null) {
    return null;
  }
  const labels = containers.map(one => `${one.namespace}/${one.pod} · ${one.container} (${one.node})`);
  const choice = await InputDialog.getItem({
    title: trans.__('Open Terminal in a Pod'),
    label: trans.__('Container:'),
    items: labels,
    editable: false
  });
  const chosen = choice.button.accept && choice.value !== null ? labels.indexOf(choice.value) : -1;
  return containers[chosen]?.terminal ?? null;
}

async function listContainers(): Promise<IContainer[]> {
  const settings = ServerConnection.makeSettings();
  const url = URLExt.join(settings.baseUrl, 'bpflab/api/containers');
  const response = await ServerConnection.makeRequest(url, {}, settings);
  if (!response.ok) {
    throw await ServerConnection.ResponseError.create(response);
  }
  return ((await response.json()) as { containers: IContainer[] }).containers;
}
