import type { KubectlCommand } from '../../core/kubectl/kubectl-command.js';
import { serverTableText, type ServerTable } from '../../core/kubectl/server-table.js';
import type { KubectlIo } from '../../core/session/ports.js';
import { LabError } from '../../protocol/index.js';
import { applyObject, type ClusterObject } from './apply-object.js';
import type { ClusterClient } from './cluster-client.js';
import { askCluster, statusOf, type ClusterRequest } from './cluster-request.js';
import { ClusterResources, pathOf, type ClusterResource } from './find-resource.js';
import { execInPod, showLogs, type CommandPod } from './kubectl-pods.js';
import { waitFor } from './kubectl-wait.js';

const TABLES = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

/** One thing that a command is about: a kind, and an object of it (empty: all that the options choose). */
interface Subject {
  resource: ClusterResource;
  name: string;
}

/**
 * Commands of kubectl that cells give, done with the gateway's own client: no process of a cell ever has the credential.
 * What is printed is what kubectl prints, but for `describe`, which is the object and its events.
 */
export class Kubectl {
  readonly #client: ClusterClient;
  readonly #resources: ClusterResources;

  constructor(client: ClusterClient) {
    this.#client = client;
    this.#resources = new ClusterResources(client);
  }

  /**
   * Does one command.
   *
   * @returns its exit status
   * @throws LabError BPFLAB_CELL_OPTION, BPFLAB_CLUSTER_ACCESS, BPFLAB_CLUSTER_REQUEST, BPFLAB_CLUSTER_UNREACHABLE
   */
  async run(command: KubectlCommand, io: KubectlIo): Promise<number> {
    switch (command.verb) {
      case 'get':
        return this.#get(command, io);
      case 'describe':
        return this.#describe(command, io);
      case 'logs':
        return showLogs(this.#client, command, { pods: await this.#pods(command), io });
      case 'apply':
      case 'create':
        return this.#apply(command, io);
      case 'delete':
        return this.#delete(command, io);
      case 'exec':
        return execInPod(this.#client, command, { pods: await this.#pods(command), io });
      case 'wait':
        return waitFor(command, io, () => this.#objects(command));
    }
  }

  async #get(command: KubectlCommand, io: KubectlIo): Promise<number> {
    const subjects = await this.#subjects(command.words);
    const isMany = new Set(subjects.map(one => one.resource.plural)).size > 1;
    let found = 0;
    for (const subject of subjects) {
      const answer = await this.#ask(
        command,
        subject,
        command.output === '' || command.output === 'wide' ? TABLES : ''
      );
      if (answer === null) continue;
      const text = await this.#text(command, { subject, answer, isMany });
      if (text !== '') found++;
      io.write(text, 'stdout');
    }
    if (found === 0 && command.output !== 'yaml' && command.output !== 'json') {
      const where = command.isEverywhere ? '' : ` in namespace ${command.namespace || this.#client.namespace}`;
      io.write(`No resources found${where}.\n`, 'stderr');
    }
    return 0;
  }

  async #text(
    command: KubectlCommand,
    { subject, answer, isMany }: { subject: Subject; answer: unknown; isMany: boolean }
  ): Promise<string> {
    const { resource } = subject;
    if (command.output === 'json') return `${JSON.stringify(withoutManaged(answer), null, 2)}\n`;
    if (command.output === 'yaml') {
      const { dumpYaml } = await import('@kubernetes/client-node');
      return dumpYaml(withoutManaged(answer));
    }
    if (command.output === 'name') {
      const items = (answer as { items?: ClusterObject[] }).items ?? [answer as ClusterObject];
      return items.map(item => `${resource.kind.toLowerCase()}/${item.metadata?.name}\n`).join('');
    }
    const prefix = isMany ? `${resource.kind.toLowerCase()}/` : '';
    const isEverywhere = command.isEverywhere && resource.isNamespaced;
    const isWide = command.output === 'wide';
    const text = serverTableText(answer as ServerTable, { isWide, isEverywhere, prefix });
    return text === '' || !isMany ? text : `${text}\n`;
  }

  async #describe(command: KubectlCommand, io: KubectlIo): Promise<number> {
    const { dumpYaml } = await import('@kubernetes/client-node');
    for (const subject of await this.#subjects(command.words)) {
      const answer = (await this.#ask(command, subject, '')) as ClusterObject & { items?: ClusterObject[] };
      for (const object of answer.items ?? [answer]) {
        io.write(dumpYaml(withoutManaged(object)), 'stdout');
        const { namespace, name } = object.metadata ?? {};
        if (!subject.resource.isNamespaced || namespace === undefined) continue;
        const events = (await this.#request({
          ...{ method: 'GET', path: `/api/v1/namespaces/${namespace}/events`, accept: TABLES },
          query: { fieldSelector: `involvedObject.name=${name},involvedObject.kind=${subject.resource.kind}` },
          what: 'get events'
        })) as ServerTable;
        const text = serverTableText(events, { isWide: false, isEverywhere: false, prefix: '' });
        io.write(`\nEvents:\n${text || '<none>\n'}\n`, 'stdout');
      }
    }
    return 0;
  }

  async #apply(command: KubectlCommand, io: KubectlIo): Promise<number> {
    for (const object of await readObjects(io.input)) {
      const { resource, namespace, word } = await applyObject(this.#client, this.#resources, object, {
        namespace: command.namespace,
        manager: 'bpflab-cells'
      });
      const where = resource.isNamespaced && namespace !== this.#client.namespace ? ` in namespace ${namespace}` : '';
      io.write(`${resource.kind.toLowerCase()}/${object.metadata?.name} ${word}${where}\n`, 'stdout');
    }
    return 0;
  }

  async #delete(command: KubectlCommand, io: KubectlIo): Promise<number> {
    const targets = command.isFromText ? await this.#written(command, io.input) : await this.#named(command);
    for (const { subject, namespace } of targets) {
      const { resource, name } = subject;
      const query = { propagationPolicy: 'Background', ...graceOf(command) };
      try {
        const what = `delete ${resource.plural} "${name}"`;
        await this.#request({ method: 'DELETE', path: pathOf(resource, namespace, name), query, what });
      } catch (error) {
        if (!command.isMissingFine || statusOf(error) !== 404) throw error;
        continue;
      }
      io.write(`${resource.kind.toLowerCase()} "${name}" deleted\n`, 'stdout');
    }
    return 0;
  }

  /** The objects of a text, as something to be deleted. */
  async #written(command: KubectlCommand, text: string): Promise<{ subject: Subject; namespace: string }[]> {
    const targets: { subject: Subject; namespace: string }[] = [];
    for (const object of await readObjects(text)) {
      const subject = { resource: await this.#resources.ofObject(object), name: object.metadata?.name ?? '' };
      const namespace = command.namespace || object.metadata?.namespace || this.#client.namespace;
      targets.push({ subject, namespace });
    }
    return targets;
  }

  /** The objects that a command names or chooses by labels, one by one. */
  async #named(command: KubectlCommand): Promise<{ subject: Subject; namespace: string }[]> {
    const own = command.namespace || this.#client.namespace;
    const all: { subject: Subject; namespace: string }[] = [];
    for (const subject of await this.#subjects(command.words)) {
      if (subject.name !== '') {
        all.push({ subject, namespace: own });
        continue;
      }
      const { items = [] } = (await this.#ask(command, subject, '')) as { items?: ClusterObject[] };
      for (const { metadata } of items)
        all.push({ subject: { ...subject, name: metadata?.name ?? '' }, namespace: metadata?.namespace ?? own });
    }
    return all;
  }

  /** The pods that `logs` and `exec` mean: one by its name or `KIND/NAME` of what has made it, or those with labels. */
  async #pods(command: KubectlCommand): Promise<CommandPod[]> {
    const [kind = '', name] = (command.words[0] ?? '').split('/');
    const { selector } = command;
    if (selector !== '') return this.#podsWith(command, selector);
    if (name === undefined || /^po(d|ds)?$/.test(kind)) return [await this.#pod(command, name ?? kind)];
    return [await this.#podOfOwner(command)];
  }

  async #podOfOwner(command: KubectlCommand): Promise<CommandPod> {
    const [subject] = await this.#subjects(command.words.slice(0, 1));
    const owner = (subject === undefined ? null : await this.#ask(command, subject, '')) as Owner | null;
    const labels = Object.entries(owner?.spec?.selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
    const [first] = labels.length === 0 ? [] : await this.#podsWith(command, labels.join(','));
    if (first === undefined) throw new LabError('BPFLAB_POD_UNKNOWN', `${command.words[0]} has no pod.`);
    return first;
  }

  async #pod(command: KubectlCommand, name: string): Promise<CommandPod> {
    const path = `${this.#podsPath(command)}/${encodeURIComponent(name)}`;
    return (await this.#request({ method: 'GET', path, what: `get pod "${name}"` })) as CommandPod;
  }

  async #podsWith(command: KubectlCommand, labelSelector: string): Promise<CommandPod[]> {
    const path = this.#podsPath(command);
    const list = await this.#request({ method: 'GET', path, query: { labelSelector }, what: 'list pods' });
    return (list as { items: CommandPod[] }).items;
  }

  #podsPath({ namespace }: KubectlCommand): string {
    return `/api/v1/namespaces/${encodeURIComponent(namespace || this.#client.namespace)}/pods`;
  }

  /** What a command is about, object by object; `object` is null for one that is named and not there. */
  async #objects(command: KubectlCommand): Promise<{ name: string; object: ClusterObject | null }[]> {
    const subjects = await this.#subjects(command.words);
    const lists = await Promise.all(
      subjects.map(async subject => {
        const answer = (await this.#ask({ ...command, isMissingFine: true }, subject, '')) as
          | (ClusterObject & { items?: ClusterObject[] })
          | null;
        const name = subject.name || subject.resource.plural;
        if (answer?.items === undefined) return [{ name, object: answer }];
        const found = answer.items.map(object => ({ name: object.metadata?.name ?? '', object }));
        return found.length === 0 ? [{ name, object: null }] : found;
      })
    );
    return lists.flat();
  }

  /** `pods,svc`, `pod/x svc/y`, `pod x y` → what is meant. */
  async #subjects(words: readonly string[]): Promise<Subject[]> {
    if (words.some(word => word.includes('/'))) {
      const lists = await Promise.all(
        words.map(async word => {
          const [kind = '', name = ''] = word.split('/');
          return (await this.#resources.named(kind)).map(resource => ({ resource, name }));
        })
      );
      return lists.flat();
    }
    const resources = await this.#resources.named(words[0] ?? '');
    const names = words.slice(1);
    if (names.length === 0) return resources.map(resource => ({ resource, name: '' }));
    return resources.flatMap(resource => names.map(name => ({ resource, name })));
  }

  /** An object or a list of them; null when it is not there and the command does not mind. */
  async #ask(command: KubectlCommand, { resource, name }: Subject, accept: string): Promise<unknown> {
    const namespace = command.isEverywhere ? null : command.namespace || this.#client.namespace;
    const query = {
      ...(command.selector !== '' && name === '' ? { labelSelector: command.selector } : {}),
      ...(command.fields !== '' && name === '' ? { fieldSelector: command.fields } : {})
    };
    const what = `${command.verb} ${resource.plural}${name === '' ? '' : ` "${name}"`}`;
    const path = pathOf(resource, namespace, name);
    try {
      return await this.#request({ method: 'GET', path, query, what, ...(accept === '' ? {} : { accept }) });
    } catch (error) {
      if (command.isMissingFine && statusOf(error) === 404) return null;
      throw error;
    }
  }

  #request(request: ClusterRequest): Promise<unknown> {
    return askCluster(this.#client, request);
  }
}

type ClusterDocument = ClusterObject & { items?: ClusterObject[] };

interface Owner {
  spec?: { selector?: { matchLabels?: Record<string, string> } };
}

/**
 * The objects of a text of YAML documents, lists taken apart.
 *
 * @throws LabError BPFLAB_CELL_OPTION when it is no YAML, or has none
 */
export async function readObjects(text: string): Promise<ClusterObject[]> {
  const { loadAllYaml } = await import('@kubernetes/client-node');
  let documents: ClusterDocument[];
  try {
    documents = (loadAllYaml(text) as ClusterDocument[]).filter(one => Boolean(one) && typeof one === 'object');
  } catch (error) {
    const [cause = ''] = (error as Error).message.split('\n');
    throw new LabError('BPFLAB_CELL_OPTION', `The text is no YAML — ${cause}.`, { cause: error });
  }
  const objects = documents.flatMap(one => (one.kind === 'List' ? (one.items ?? []) : [one]));
  if (objects.length === 0) throw new LabError('BPFLAB_CELL_OPTION', 'There is no object below the command.');
  const nameless = objects.find(one => !one.kind || !one.apiVersion || !one.metadata?.name);
  if (nameless !== undefined) {
    const which = nameless.kind ?? 'an object';
    throw new LabError(
      'BPFLAB_CELL_OPTION',
      `Every object needs apiVersion, kind and metadata.name; ${which} has not.`
    );
  }
  return objects;
}

function graceOf({ graceSeconds }: KubectlCommand): Record<string, string> {
  return graceSeconds === null ? {} : { gracePeriodSeconds: String(graceSeconds) };
}

/** What servers note for themselves is left out, as kubectl does. */
function withoutManaged(answer: unknown): unknown {
  const strip = (object: ClusterObject): ClusterObject => {
    const metadata = { ...object.metadata };
    delete metadata.managedFields;
    return { ...object, metadata };
  };
  const list = answer as ClusterObject & { items?: ClusterObject[] };
  return list.items === undefined ? strip(list) : { ...list, items: list.items.map(strip) };
}
