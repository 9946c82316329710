/** `/bpflab/api/follow`: which notebooks are shown to followers; the socket of each (protocol/follow.ts). */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { FOLLOW_PATH, LabError, type SharedNotebooks } from '../../../protocol/index.js';
import type { ContentsRoot } from '../contents/contents-root.js';
import type { JupyterServerOptions } from '../server-options.js';
import type { SocketRoute } from '../socket-routes.js';
import type { FollowDesk } from './follow-desk.js';

const body = z.object({ path: z.string().min(1).max(4000), share: z.boolean() });

/** `GET`: what is shown; `POST { path, share }` begins or ends it. Both answer with all that is shown. */
export function followRoutes(
  server: FastifyInstance,
  { baseUrl, followerToken }: JupyterServerOptions,
  { desk, root }: { desk: FollowDesk; root: ContentsRoot }
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
      const { name } = await root.existing(path);
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
}

/** The socket of a notebook that is shown. */
export function followSocketRoute(desk: FollowDesk): SocketRoute {
  return { pattern: new RegExp(`^${FOLLOW_PATH}/(.+)$`), accept: request => desk.connect(request) };
}
