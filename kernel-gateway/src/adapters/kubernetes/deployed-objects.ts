import type { DeployRequest } from '../../core/session/ports.js';
import { LabError } from '../../protocol/index.js';
import { AGENT_NAMESPACE } from './agent-pods.js';
import { applyObject, type ClusterObject } from './apply-object.js';
import type { ClusterClient } from './cluster-client.js';
import { askCluster, statusOf } from './cluster-request.js';
import { ClusterResources, pathOf } from './find-resource.js';
import { readObjects } from './run-kubectl.js';
import { reasonNotReady } from './wait-condition.js';

/** On every object that a `%%deploy` cell has made: the session, and the name in the cell. */
const SESSION_LABEL = 'bpflab.io/session';
const DEPLOY_LABEL = 'bpflab.io/deploy';
const POLL_MS = 200;
/** Objects of a session that ends are asked to end at once; nobody waits longer for it. */
const REMOVE_TIMEOUT_MS = 30_000;

interface Deployed {
  path: string;
  what: string;
}

/** What the `%%deploy` cells of one session have made. Whoever opens it closes it, and all of it goes. */
export class DeployedObjects {
  readonly #client: ClusterClient;
  readonly #resources: ClusterResources;
  readonly #session: string;
  readonly #objects = new Map<string, Deployed[]>();

  constructor(client: ClusterClient, session: string) {
    this.#client = client;
    this.#resources = new ClusterResources(client);
    // A label is 63 characters at most and ends in a letter or digit.
    this.#session = session.slice(0, 63).replace(/[^A-Za-z0-9]+$/, '');
  }

  /**
   * Applies the objects of a text in its order, and waits until its pods are ready. What the same name has made before is
   * removed first.
   *
   * @throws LabError BPFLAB_DEPLOY_TAKEN, BPFLAB_DEPLOY_NOT_READY, BPFLAB_CELL_OPTION, BPFLAB_CELL_INTERRUPTED,
   *   BPFLAB_CLUSTER_NOT_UP, and what the API server refuses
   */
  async deploy(request: DeployRequest): Promise<void> {
    const { name, progress } = request;
    const text = request.text.includes('$LAB_IMAGE')
      ? request.text.replaceAll('$LAB_IMAGE', await this.#labImage())
      : request.text;
    const objects = await readObjects(text);
    for (const object of objects) await this.#checkFree(object);
    await this.remove(name);
    const made: Deployed[] = [];
    this.#objects.set(name, made);
    for (const object of objects) {
      const labels = { ...object.metadata?.labels, [SESSION_LABEL]: this.#session, [DEPLOY_LABEL]: name };
      const labeled = { ...object, metadata: { ...object.metadata, labels } };
      const options = { namespace: '', manager: 'bpflab-deploy' };
      const { resource, namespace } = await applyObject(this.#client, this.#resources, labeled, options);
      const objectName = object.metadata?.name ?? '';
      const what = `${resource.kind} "${objectName}"`;
      made.push({ path: pathOf(resource, namespace, objectName), what });
      progress(`${what} is applied.`);
    }
    await this.#waitReady(made, request);
  }

  /** Removes what that name has made, and waits until it is gone. */
  async remove(name: string): Promise<void> {
    const objects = (this.#objects.get(name) ?? []).toReversed();
    this.#objects.delete(name);
    const query = { propagationPolicy: 'Foreground', gracePeriodSeconds: '0' };
    for (const { path, what } of objects)
      await askCluster(this.#client, { method: 'DELETE', path, query, what: `remove ${what}` }).catch(ignoreMissing);
    const until = performance.now() + REMOVE_TIMEOUT_MS;
    for (const object of objects) {
      while ((await this.#read(object)) !== null) {
        if (performance.now() > until)
          throw new LabError('BPFLAB_DEPLOY_NOT_READY', `${object.what} is still being removed after 30 s.`);
        await new Promise(resolve => setTimeout(resolve, POLL_MS));
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#objects.keys()].map(name => this.remove(name)));
  }

  /** An object of the same name that somebody else has made is not touched. */
  async #checkFree(object: ClusterObject): Promise<void> {
    const resource = await this.#resources.ofObject(object);
    const namespace = object.metadata?.namespace ?? this.#client.namespace;
    const what = `${resource.kind} "${object.metadata?.name}"`;
    const there = await this.#read({ path: pathOf(resource, namespace, object.metadata?.name), what });
    if (there === null || there.metadata?.labels?.[SESSION_LABEL] === this.#session) return;
    const owner = there.metadata?.labels?.[SESSION_LABEL];
    const whose = owner === undefined ? 'no %%deploy cell has made it' : 'it is of another session';
    throw new LabError('BPFLAB_DEPLOY_TAKEN', `${what} is there already in namespace "${namespace}", and ${whose}.`);
  }

  async #waitReady(objects: readonly Deployed[], { timeoutMs, signal, progress }: DeployRequest): Promise<void> {
    const until = performance.now() + timeoutMs;
    let told = '';
    for (;;) {
      const states = await Promise.all(
        objects.map(async object => {
          const now = await this.#read(object);
          const reason = now === null ? 'it was removed' : reasonNotReady(now);
          return reason === '' ? '' : `${object.what}: ${reason}`;
        })
      );
      const text = states.filter(state => state !== '').join('; ');
      if (text === '') return;
      if (text !== told) progress(`${text}.`);
      told = text;
      if (signal.aborted) throw new LabError('BPFLAB_CELL_INTERRUPTED', 'The cell was interrupted.');
      if (performance.now() > until)
        throw new LabError('BPFLAB_DEPLOY_NOT_READY', `Not everything is ready after ${timeoutMs / 1000} s — ${text}.`);
      await new Promise(resolve => setTimeout(resolve, POLL_MS));
    }
  }

  async #read({ path, what }: Deployed): Promise<ClusterObject | null> {
    try {
      return (await askCluster(this.#client, { method: 'GET', path, what: `read ${what}` })) as ClusterObject;
    } catch (error) {
      ignoreMissing(error);
      return null;
    }
  }

  async #labImage(): Promise<string> {
    const path = `/apis/apps/v1/namespaces/${AGENT_NAMESPACE}/daemonsets/bpflab-agent`;
    const agents = await this.#read({ path, what: 'the agents' });
    const template = (agents?.spec?.['template'] ?? {}) as { spec?: { containers?: { image?: string }[] } };
    const image = template.spec?.containers?.[0]?.image;
    if (image === undefined)
      throw new LabError(
        'BPFLAB_CLUSTER_NOT_UP',
        `$LAB_IMAGE is the agents' image, and "${this.#client.context}" has none.`
      );
    return image;
  }
}

function ignoreMissing(error: unknown): void {
  if (statusOf(error) !== 404) throw error;
}
