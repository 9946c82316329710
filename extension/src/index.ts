import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { commandsPlugin } from './plugins/commands-plugin.js';
import { cellLanguagePlugin } from './plugins/cell-language-plugin.js';
import { connectionPlugin } from './plugins/connection-plugin.js';
import { editorCommandsPlugin } from './plugins/editor-commands-plugin.js';
import { editorPlugin } from './plugins/editor-plugin.js';
import { inspectorPlugin } from './plugins/inspector-plugin.js';
import { labPanelPlugin } from './plugins/lab-panel-plugin.js';
import { labsPlugin } from './plugins/labs-plugin.js';
import { lessonsPlugin } from './plugins/lessons-plugin.js';
import { outputServicesPlugin } from './plugins/output-services-plugin.js';
import { consoleOutputsPlugin, outputsPlugin } from './plugins/outputs-plugin.js';
import { followPlugin } from './plugins/follow-plugin.js';
import { presentPlugin } from './plugins/present-plugin.js';
import { replayPlugin } from './plugins/replay-plugin.js';
import { recorderPlugin } from './plugins/recorder-plugin.js';
import { sessionsPlugin } from './plugins/sessions-plugin.js';
import { statusPlugin } from './plugins/status-plugin.js';
import { teamPlugin } from './plugins/team-plugin.js';
import { toolbarPlugin } from './plugins/toolbar-plugin.js';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  connectionPlugin,
  sessionsPlugin,
  outputServicesPlugin,
  outputsPlugin,
  consoleOutputsPlugin,
  commandsPlugin,
  editorPlugin,
  editorCommandsPlugin,
  cellLanguagePlugin,
  toolbarPlugin,
  statusPlugin,
  inspectorPlugin,
  labsPlugin,
  labPanelPlugin,
  teamPlugin,
  lessonsPlugin,
  followPlugin,
  presentPlugin,
  replayPlugin,
  recorderPlugin
];

export default plugins;
