import type { LabServices } from './lab-services.js';

/** Everything that `startJupyterServer` is told. */
export interface JupyterServerOptions {
  /** 0: any free port. */
  port: number;
  /** Address to listen at; loopback unless the user says otherwise. */
  ip: string;
  /** Starts and ends with a slash. */
  baseUrl: string;
  /** Token of the owner, who may do everything. */
  token: string;
  /** Token of followers, who see what the owner shows and nothing else; null: there are none. */
  followerToken: string | null;
  /** Token that may read /metrics and nothing else; null: none. */
  metricsToken: string | null;
  /** Further values of `Host` (without port) that are ours: names of a reverse proxy. */
  allowedHosts: string[];
  /** Absolute folder whose files the server offers. */
  notebookDir: string;
  /** Output of the application's build (`extension/app/dist`). */
  applicationDir: string;
  /** Folder with `courses.json` and the labs. */
  labsDir: string;
  /** JupyterLab's own catalogs, `<language>/<domain>.json`; the folder need not exist. */
  languagesDir: string;
  /** The user's settings and workspaces are kept here. */
  stateDir: string;
  /** Folders with prebuilt labextensions (`share/jupyter/labextensions`). */
  labextensionDirs: string[];
  version: string;
  lab: LabServices;
  /** Asks for the end, as the user would, when there was no kernel for this long; null: never. */
  endWhenIdleMs: number | null;
  /** The user chose File > Shut Down. */
  onShutdownRequest: () => void;
}
