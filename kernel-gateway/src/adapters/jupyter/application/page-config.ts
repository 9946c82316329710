import type { JupyterServerOptions } from '../server-options.js';
import type { ApplicationBuild, Labextension } from './application-build.js';

/** What one page differs in. */
export interface PageOptions {
  mode: 'multiple-document' | 'single-document';
  workspace: string;
  /** File to open, relative to the notebook folder. */
  treePath: string;
  /** Set by tests: the application object becomes `window.jupyterapp`. */
  exposeAppInBrowser: boolean;
  /** The page of somebody who only looks. */
  isFollower: boolean;
}

/** Of no use to who only looks: their questions are refused. */
const OWNERS_PLUGINS = ['inspector', 'lab-panel', 'labs', 'lessons', 'team'].map(name => `@bpflab/extension:${name}`);

/**
 * The page's `jupyter-config-data`, read by JupyterLab's PageConfig. It holds no token: pages are authorized by the
 * cookie, so a script that runs in a page cannot carry the token away.
 */
export function pageConfig(
  options: JupyterServerOptions,
  build: ApplicationBuild,
  extensions: Labextension[],
  page: PageOptions
): Record<string, unknown> {
  const { baseUrl } = options;
  const url = (path: string): string => baseUrl + path;
  return {
    appName: 'bpflab',
    appNamespace: 'lab',
    appVersion: build.version,
    appUrl: '/lab',
    baseUrl,
    wsUrl: '',
    token: '',
    fullAppUrl: url('lab'),
    treeUrl: '/lab/tree',
    fullTreeUrl: url('lab/tree'),
    docUrl: '/doc',
    fullDocUrl: url('doc'),
    fullStaticUrl: url('static/lab'),
    fullLabextensionsUrl: url('lab/extensions'),
    settingsUrl: '/lab/api/settings',
    fullSettingsUrl: url('lab/api/settings'),
    themesUrl: '/lab/api/themes',
    fullThemesUrl: url('lab/api/themes'),
    workspacesApiUrl: '/lab/api/workspaces',
    fullWorkspacesApiUrl: url('lab/api/workspaces'),
    translationsApiUrl: '/lab/api/translations',
    fullTranslationsApiUrl: url('lab/api/translations'),
    terminalsAvailable: !page.isFollower,
    serverRoot: page.isFollower ? '' : options.notebookDir,
    preferredPath: '/',
    mode: page.mode,
    workspace: page.workspace,
    treePath: page.treePath,
    // A follower looks at the kernel that there is.
    notebookStartsKernel: !page.isFollower,
    exposeAppInBrowser: page.exposeAppInBrowser,
    quitButton: !page.isFollower,
    // Our front end asks for lessons and recorded outputs only where there are any.
    bpflabServer: true,
    bpflabFollower: page.isFollower,
    delete_to_trash: false,
    buildAvailable: false,
    buildCheck: false,
    notebookVersion: '[2,17,0]',
    federated_extensions: extensions.map(({ entry }) => entry),
    disabledExtensions: [...build.disabledExtensions, ...(page.isFollower ? OWNERS_PLUGINS : [])],
    deferredExtensions: [],
    news: { disabled: true },
    // Comms and completions are answered while a cell executes: their idle must not look like the cell's end.
    untracked_message_types: [
      'comm_info_request',
      'comm_open',
      'comm_msg',
      'comm_close',
      'complete_request',
      'inspect_request',
      'is_complete_request',
      'history_request',
      'create_subshell_request',
      'delete_subshell_request',
      'list_subshell_request'
    ]
  };
}

/** The page for `config`. JSON in a script element must not end it: `<` is escaped. */
export function renderPage(template: string, staticUrl: string, config: Record<string, unknown>): string {
  const json = JSON.stringify(config).replaceAll('<', '\\u003c');
  return template.replaceAll('{{static_url}}', () => staticUrl).replace('{{page_config}}', () => json);
}
