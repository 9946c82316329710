import type { ShellPlace } from '../lab-services.js';

const POD = 'pod';
const NODE = 'node';

/**
 * The container that a terminal's name means: `pod.NAMESPACE.POD.CONTAINER` or, for the agent of a node, `node.NAME`. Neither
 * namespaces nor containers have a dot in their names; pods and nodes may.
 *
 * @returns null for every other name
 */
export function terminalPlace(name: string): ShellPlace | null {
  const [kind, ...words] = name.split('.');
  if (kind === NODE && words.length > 0) return { node: words.join('.'), namespace: '', pod: '', container: '' };
  if (kind !== POD || words.length < 3) return null;
  const [namespace = '', ...rest] = words;
  const container = rest.pop() ?? '';
  return { node: '', namespace, pod: rest.join('.'), container };
}

/** The name of a terminal that is a shell in a container. */
export function podTerminal({ namespace, pod, container }: Omit<ShellPlace, 'node'>): string {
  return [POD, namespace, pod, container].join('.');
}
