/** `/bpflab/api/team`: the files of the team that works in the notebook folder. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { LabError, teamCommandSchema } from '../../protocol/index.js';
import type { TeamDesk } from '../team/team-desk.js';
import type { JupyterServerOptions } from './server-options.js';

const query = z.object({ words: z.string().max(400).default('') });

/** Adds the routes. */
export function teamRoutes(server: FastifyInstance, { baseUrl }: JupyterServerOptions, team: TeamDesk): void {
  const url = `${baseUrl}bpflab/api/team`;
  server.get(url, () => team.state());
  server.get(`${url}/search`, request => team.search(query.parse(request.query).words));
  server.post(url, request => {
    const command = teamCommandSchema.safeParse(request.body);
    if (!command.success)
      throw new LabError('BPFLAB_REQUEST_INVALID', 'The team was sent a command that it does not know.');
    return team.perform(command.data);
  });
}
