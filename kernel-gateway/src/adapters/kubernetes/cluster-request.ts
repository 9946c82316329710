import { clusterError, type ClusterClient } from './cluster-client.js';

/** One request of the API server's REST interface. */
export interface ClusterRequest {
  method: 'GET' | 'PATCH' | 'POST' | 'DELETE';
  /** Begins with `/api` or `/apis`. */
  path: string;
  query?: Readonly<Record<string, string>>;
  /** `Accept`; JSON without it. */
  accept?: string;
  /** JSON to send, of that content type. */
  body?: { type: string; value: unknown };
  /** For messages: `get pods`. */
  what: string;
}

/**
 * Asks the API server, with the gateway's credential, for what the library's typed calls do not give: tables as kubectl
 * prints them, and kinds that only this cluster has.
 *
 * @returns the parsed JSON of the answer
 * @throws LabError BPFLAB_CLUSTER_ACCESS, BPFLAB_CLUSTER_REQUEST, BPFLAB_CLUSTER_UNREACHABLE; its cause has the `code`
 */
export async function askCluster(client: ClusterClient, request: ClusterRequest): Promise<unknown> {
  const { HttpMethod, IsomorphicFetchHttpLibrary, RequestContext } = await import('@kubernetes/client-node');
  const context = new RequestContext(client.server + request.path, HttpMethod[request.method]);
  for (const [name, value] of Object.entries(request.query ?? {})) context.setQueryParam(name, value);
  context.setHeaderParam('Accept', request.accept ?? 'application/json');
  if (request.body !== undefined) {
    context.setHeaderParam('Content-Type', request.body.type);
    context.setBody(JSON.stringify(request.body.value));
  }
  try {
    await client.config.applySecurityAuthentication(context);
    const response = await new IsomorphicFetchHttpLibrary().send(context).toPromise();
    const text = await response.body.text();
    if (response.httpStatusCode >= 300)
      throw Object.assign(new Error(text), { code: response.httpStatusCode, body: text });
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw clusterError(client, request.what, error);
  }
}

/** The HTTP status that a failed call came to; null when there was no answer. */
export function statusOf(error: unknown): number | null {
  const cause = error instanceof Error && 'cause' in error ? error.cause : error;
  const { code } = (cause ?? {}) as { code?: unknown };
  return typeof code === 'number' ? code : null;
}
