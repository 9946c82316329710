import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { commandsPlugin } from './plugins/commands-plugin.js';
import { labsPlugin } from './plugins/labs-plugin.js';
import { outputServicesPlugin } from './plugins/output-services-plugin.js';
import { outputsPlugin } from './plugins/outputs-plugin.js';
import { recorderPlugin } from './plugins/recorder-plugin.js';
import { sessionsPlugin } from './plugins/sessions-plugin.js';
import { statusPlugin } from './plugins/status-plugin.js';
import { toolbarPlugin } from './plugins/toolbar-plugin.js';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  sessionsPlugin,
  outputServicesPlugin,
  outputsPlugin,
  commandsPlugin,
  toolbarPlugin,
  statusPlugin,
  labsPlugin,
  recorderPlugin
];

export default plugins;
