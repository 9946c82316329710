/** `/bpflab/api/follow`: which notebooks are shown to followers; the socket of each (protocol/follow.ts). */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { FOLLOW_PATH, LabError, type SharedNotebooks } from '../../../protocol/index.js';
import type { ContentsStore } from '../contents/contents-store.js';
import type { JupyterServerOptions } from '../server-options.js';
import type { SocketRoute } from '../socket-routes.js';
import type { FollowDesk } from './follow-desk.js';
import { forkNotebook } from './fork-notebook.js';

const body = z.object({ path: z.string().min(1).max(4000), share: z.boolean() });
const forkBody = z.object({ link: z.string().max(8000) });

/**
 * `GET`: what is shown; `POST { path, share }` begins or ends it. Both answer with all that is shown. `POST fork { link }`
 * takes a notebook that another server shows, and answers `{ path }`.
 */
export function followRoutes(
  server: FastifyInstance,
  { baseUrl, followerToken }: JupyterServerOptions,
  { desk, store }: { desk: FollowDesk; store: ContentsStore }
): void {
  const url = `${baseUrl}${FOLLOW_PATH}`;
  const answer = (): SharedNotebooks => ({
    shared: desk.paths.map(path => ({
      path,
      link: `${baseUrl}doc/tree/${path.split('/').map(encodeURIComponent).join('/')}?token=${followerToken ?? ''}`
    }))
  });
  server.get(url, answer);
  server.post(url, async request => {
    const { path, share } = body.parse(request.body);
    if (!share) desk.unshare(path);
    else {
      const { name } = await store.root.existing(path);
      if (followerToken === null || !name.endsWith('.ipynb')) {
        throw new LabError(
          'BPFLAB_REQUEST_INVALID',
          `"${path}" cannot be shown — it is no notebook, or nobody may follow.`
        );
      }
      desk.share(path);
    }
    return answer();
  });
  server.post(`${url}/fork`, request => forkNotebook(forkBody.parse(request.body).link, store));
}

/** The socket of a notebook that is shown. */
export function followSocketRoute(desk: FollowDesk): SocketRoute {
  return { pattern: new RegExp(`^${FOLLOW_PATH}/(.+)$`), accept: request => desk.connect(request) };
}
