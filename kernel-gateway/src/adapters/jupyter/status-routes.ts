/** What the server says of itself: Jupyter's `/api`, `/api/me`, `/api/status`; ours: `/bpflab/api/status`, `/metrics`. */
import { userInfo } from 'node:os';
import type { FastifyInstance } from 'fastify';
import type { KernelRegistry } from './kernels/kernel-registry.js';
import type { JupyterServerOptions } from './server-options.js';

/** Adds the routes. */
export function statusRoutes(server: FastifyInstance, options: JupyterServerOptions, registry: KernelRegistry): void {
  const { baseUrl, version, lab } = options;
  const started = new Date().toISOString();
  server.get(`${baseUrl}api`, { config: { isPublic: true } }, () => ({ version }));
  server.get(`${baseUrl}api/`, { config: { isPublic: true } }, () => ({ version }));
  server.get(`${baseUrl}api/me`, request => ({ identity: identity(request.scope === 'owner'), permissions: {} }));
  server.get(`${baseUrl}api/status`, () => {
    const kernels = registry.kernels;
    return {
      started,
      last_activity: kernels.map(kernel => kernel.last_activity).reduce((a, b) => (a > b ? a : b), started),
      connections: kernels.reduce((sum, kernel) => sum + kernel.connections, 0),
      kernels: kernels.length
    };
  });
  // No exporters: the menu entry is not shown.
  server.get(`${baseUrl}api/nbconvert`, () => ({}));
  server.post(`${baseUrl}api/shutdown`, async (_request, reply) => {
    await reply.send({});
    options.onShutdownRequest();
  });
  server.get(`${baseUrl}bpflab/api/status`, async () => {
    const { target, kernelRelease, versions } = await lab.describe();
    return { version, target, kernel_release: kernelRelease, versions, notebook_dir: options.notebookDir };
  });
  server.get(`${baseUrl}bpflab/api/containers`, async () => ({ containers: await lab.listContainers() }));
  server.get(`${baseUrl}metrics`, { config: { isMetrics: true } }, (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(metrics(registry, started))
  );
}

function identity(isOwner: boolean): Record<string, string | null> {
  const username = isOwner ? userInfo().username : 'follower';
  return {
    username,
    name: username,
    display_name: username,
    initials: username.slice(0, 2).toUpperCase(),
    avatar_url: null,
    color: null
  };
}

/** Prometheus text. */
function metrics(registry: KernelRegistry, started: string): string {
  const kernels = registry.kernels;
  const { rss, heapUsed } = process.memoryUsage();
  const rows: [name: string, help: string, value: number][] = [
    ['bpflab_start_time_seconds', 'Start of the server, seconds since 1970.', Date.parse(started) / 1000],
    ['bpflab_kernels', 'Kernels that run.', kernels.length],
    ['bpflab_kernels_busy', 'Kernels that execute a cell.', kernels.filter(k => k.execution_state === 'busy').length],
    ['bpflab_kernel_connections', 'Sockets on kernels.', kernels.reduce((sum, k) => sum + k.connections, 0)],
    ['bpflab_resident_memory_bytes', 'Resident memory of the server.', rss],
    ['bpflab_heap_used_bytes', 'JavaScript heap in use.', heapUsed]
  ];
  return rows.map(([name, help, value]) => `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name} ${value}\n`).join('');
}
