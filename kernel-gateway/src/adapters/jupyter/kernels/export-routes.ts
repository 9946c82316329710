/** `/bpflab/api/sessions/<kernel>/views/<view>/export`: the rows of a view as a file. */
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { exportMediaTypes, type ExportFormat } from '../../../core/export/export-format.js';
import type { ViewRows } from '../../../core/session/ports.js';
import { LabError, MAX_WHERE_CHARACTERS } from '../../../protocol/index.js';
import { exportRows } from '../../session/export-rows.js';
import type { JupyterServerOptions } from '../server-options.js';
import type { KernelRegistry } from './kernel-registry.js';

const formats = Object.keys(exportMediaTypes) as [ExportFormat, ...ExportFormat[]];

const query = z.object({
  format: z.enum(formats).default('csv'),
  where: z.string().max(MAX_WHERE_CHARACTERS).optional(),
  /** Column to sort by, and whether the largest comes first. */
  sort: z.string().optional(),
  descending: z.stringbool().default(false),
  /** Names of columns, each as its own parameter; all without. */
  column: z.union([z.string().transform(name => [name]), z.array(z.string())]).optional()
});

/** Adds the route; whoever may look may download. Rows come as they are read, so that memory stays bounded. */
export function exportRoutes(
  server: FastifyInstance,
  { baseUrl }: JupyterServerOptions,
  registry: KernelRegistry
): void {
  server.get(`${baseUrl}bpflab/api/sessions/:kernel/views/:view/export`, async (request, reply) => {
    const { kernel, view } = request.params as { kernel: string; view: string };
    const { format, where, sort, descending, column } = query.parse(request.query);
    const { session } = registry.kernel(kernel);
    const order = sort === undefined ? undefined : { column: sort, descending };
    const found = await session?.openRows(view, { filters: [], where, sort: order, columns: column });
    if (!found) throw new LabError('BPFLAB_REQUEST_UNKNOWN', `The session has no view "${view}".`);
    return reply
      .type(exportMediaTypes[format])
      .header('content-disposition', disposition(found, format))
      .header('cache-control', 'no-store')
      .send(Readable.from(exportRows(found.rows, format), { objectMode: false }));
  });
}

/** RFC 6266: a plain name for old clients, the exact one for all others. */
function disposition({ source }: ViewRows, format: ExportFormat): string {
  const name = `${source.replaceAll(/[/\\]/g, '_')}.${format}`;
  const plain = name.replaceAll(/[^\w .-]/g, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name)}`;
}
