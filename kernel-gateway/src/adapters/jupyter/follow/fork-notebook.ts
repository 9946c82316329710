/** Takes a notebook that somebody shows into one's own notebook folder, where it runs in a session of one's own. */
import { WebSocket } from 'ws';
import { FOLLOW_PATH, LabError, type FollowedCell } from '../../../protocol/index.js';
import type { ContentsStore } from '../contents/contents-store.js';
import { checkNotebook, type Notebook } from '../contents/notebook-file.js';
import { followedNotebook } from './followed-notebook.js';

const ANSWER_MS = 15_000;
const MAX_BYTES = 64 * 1024 * 1024;

interface Link {
  /** Base address of the server that shows it, `/` at the end. */
  server: URL;
  /** Path of the notebook there, as in the address. */
  path: string;
  token: string;
}

/**
 * Writes the notebook that a followers' link shows, as its owner has it at the moment, under a free name; resolves with that
 * path. Outputs come along and are not trusted.
 *
 * @param link - as `GET follow` tells it, with scheme and host
 * @throws LabError BPFLAB_FOLLOW_FORK, BPFLAB_CONTENTS_FORMAT, BPFLAB_DISK_FULL
 */
export async function forkNotebook(link: string, store: ContentsStore): Promise<{ path: string }> {
  const shown = readLink(link);
  const [file, cells] = await Promise.all([readFile(shown), newestCells(shown)]);
  const name = decodeURIComponent(shown.path).split('/').at(-1) ?? '';
  const notebook = checkNotebook(file, name);
  const { bpflab } = notebook.metadata;
  const origin = { address: new URL(`doc/tree/${shown.path}`, shown.server).href };
  const forked = {
    ...notebook,
    metadata: { ...notebook.metadata, bpflab: { ...(bpflab as object | undefined), forked_from: origin } },
    cells: cells === null ? notebook.cells : mergeCells(notebook, cells)
  };
  const path = await store.freeName('', n => name.replace(/\.ipynb$/, `-Fork${n === 0 ? '' : n}.ipynb`));
  await store.save(path, { type: 'notebook', format: 'json', content: forked, chunk: undefined });
  return { path };
}

function readLink(link: string): Link {
  const url = URL.canParse(link) ? new URL(link) : null;
  const token = url?.searchParams.get('token') ?? '';
  const match = url === null ? null : /^(.*\/)doc\/tree\/([^/].*\.ipynb)$/.exec(url.pathname);
  if (url === null || match === null || token === '' || !/^https?:$/.test(url.protocol)) {
    throw refused('it is not an address that "Show Live" gives');
  }
  return { server: new URL(match[1]!, url.origin), path: match[2]!, token };
}

const refused = (reason: string, cause?: unknown): LabError =>
  new LabError('BPFLAB_FOLLOW_FORK', `The notebook was not taken over: ${reason}.`, { cause });

const unreachable = ({ server }: Link, cause: unknown): LabError =>
  refused(`${server.host} does not answer (${reasonOf(cause)})`, cause);

/** The innermost cause: `fetch` itself says only that it failed. */
function reasonOf(error: unknown): string {
  const { cause, message } = error instanceof Error ? error : new Error(String(error));
  return cause instanceof Error ? reasonOf(cause) : message;
}

/** The file as it was saved, with the outputs that its server recorded. */
async function readFile(link: Link): Promise<unknown> {
  const url = new URL(`api/contents/${link.path}?type=notebook&content=1`, link.server);
  const answer = await fetch(url, {
    headers: { authorization: `token ${link.token}` },
    // The token is for that server only.
    redirect: 'error',
    signal: AbortSignal.timeout(ANSWER_MS)
  }).catch((cause: unknown) => {
    throw unreachable(link, cause);
  });
  if (answer.status === 403) throw refused('its owner does not show it any more');
  if (!answer.ok) throw refused(`${link.server.host} answers ${answer.status}`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) throw refused('it has more than 64 MiB');
      chunks.push(chunk);
    }
    return (JSON.parse(Buffer.concat(chunks).toString()) as { content?: unknown }).content;
  } catch (error) {
    throw error instanceof LabError ? error : refused(`${link.server.host} sends no notebook`, error);
  }
}

/** The cells as their owner's page has them, saved or not; null when no page has told them. */
function newestCells(link: Link): Promise<FollowedCell[] | null> {
  const url = new URL(`${FOLLOW_PATH}/${link.path}`, link.server);
  url.protocol = url.protocol.replace('http', 'ws');
  const socket = new WebSocket(url, {
    headers: { authorization: `token ${link.token}` },
    handshakeTimeout: ANSWER_MS,
    maxPayload: MAX_BYTES
  });
  const cells = new Promise<FollowedCell[] | null>((resolve, reject) => {
    const late = setTimeout(() => reject(unreachable(link, new Error('timed out'))), ANSWER_MS);
    socket.on('close', () => {
      clearTimeout(late);
      reject(refused('its owner does not show it any more'));
    });
    socket.on('error', cause => reject(unreachable(link, cause)));
    socket.on('unexpected-response', () => reject(refused('its owner does not show it any more')));
    // The newest is sent before anything else: what has not come before the answer to a ping does not come.
    socket.on('open', () => socket.ping());
    socket.on('pong', () => resolve(null));
    socket.on('message', data => {
      const said = followedNotebook((data as Buffer).toString());
      if (said === null) reject(refused(`${link.server.host} sends no notebook`));
      else resolve(said.cells);
    });
  });
  return cells.finally(() => socket.terminate());
}

/** The owner's cells, with what the file knows of those that it has. */
function mergeCells({ cells }: Notebook, newest: readonly FollowedCell[]): Notebook['cells'] {
  const byId = new Map(cells.map(cell => [cell['id'], cell]));
  return newest.map(({ id, type, source }) => {
    const saved = byId.get(id);
    if (saved?.cell_type === type) return { ...saved, source };
    const outputs = type === 'code' ? { outputs: [], execution_count: null } : {};
    return { id, cell_type: type, metadata: {}, source, ...outputs };
  });
}
