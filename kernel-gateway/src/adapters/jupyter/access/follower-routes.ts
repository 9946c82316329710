/**
 * What the token of a followers' link opens: the notebooks that their owner shows, and what the page needs that shows them.
 * Everything that is not in these tables answers 403.
 */

/** What a request asks about; judged against what is shared now. */
export interface Shared {
  /** Whether the notebook at this path, below the notebook folder, is shown. */
  hasNotebook(path: string): boolean;
  /** Whether the kernel runs a notebook that is shown. */
  hasKernel(id: string): boolean;
}

type Rule = readonly [pattern: RegExp, allows: (name: string, shared: Shared) => boolean];

const always = (): boolean => true;
const notebook = (path: string, shared: Shared): boolean => shared.hasNotebook(path);
const kernel = (id: string, shared: Shared): boolean => shared.hasKernel(id);

/** Looks over HTTP (GET, HEAD), below the base URL. */
const READS: readonly Rule[] = [
  [/^doc\/tree\/(.+)$/, notebook],
  [/^(?:static\/lab|lab\/extensions|lab\/api\/themes)\/.+$/, always],
  [/^lab\/api\/(?:settings|translations)(?:\/.*)?$/, always],
  [/^api\/me$/, always],
  [/^api\/kernelspecs(?:\/[^/]+)?$/, always],
  [/^kernelspecs\/.+$/, always],
  // Their routes list only what is shown.
  [/^api\/(?:kernels|sessions)$/, always],
  [/^api\/kernels\/([^/]+)$/, kernel],
  [/^api\/contents\/(.+?)(?:\/checkpoints)?$/, notebook]
];

/** Websockets, below the base URL. */
const SOCKETS: readonly Rule[] = [
  // JupyterLab holds it open; nothing is told on it.
  [/^api\/events\/subscribe$/, always],
  [/^api\/kernels\/([^/]+)\/channels$/, kernel],
  [/^bpflab\/api\/(?:outputs|follow)\/(.+)$/, notebook]
];

/** Whether a follower may read a path below the base URL; `path` is as it came, without its query. */
export const followerReads = (path: string, shared: Shared): boolean => isAllowed(READS, path, shared);

/** Whether a follower may open a websocket at a path below the base URL. */
export const followerConnects = (path: string, shared: Shared): boolean => isAllowed(SOCKETS, path, shared);

function isAllowed(rules: readonly Rule[], path: string, shared: Shared): boolean {
  return rules.some(([pattern, allows]) => {
    const match = pattern.exec(path);
    return match !== null && allows(decoded(match[1] ?? ''), shared);
  });
}

/** Empty when it is no path at all. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
