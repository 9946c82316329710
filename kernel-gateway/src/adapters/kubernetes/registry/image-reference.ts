import { LabError } from '../../../protocol/index.js';

/** A place in a registry: `HOST[:PORT]/NAME[:TAG]`. */
export interface ImageReference {
  /** With the port, when there is one. */
  host: string;
  name: string;
  tag: string;
}

const HOST = /^(localhost|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+|\[[0-9a-fA-F:]+\])(:\d{1,5})?$|^[A-Za-z0-9-]+:\d{1,5}$/;
const NAME = /^[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*(\/[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;

/**
 * Reads a reference by the grammar of opencontainers/distribution-spec 1.1. The host must be said.
 *
 * @param text - as a user wrote it
 * @param defaultTag - when it has none
 * @throws LabError BPFLAB_CONFIG_OPTION
 */
export function parseImageReference(text: string, defaultTag: string): ImageReference {
  const slash = text.indexOf('/');
  const [host, rest] = [text.slice(0, Math.max(slash, 0)), text.slice(slash + 1)];
  const colon = rest.lastIndexOf(':');
  const [name, tag] = colon === -1 ? [rest, defaultTag] : [rest.slice(0, colon), rest.slice(colon + 1)];
  if (!HOST.test(host) || !NAME.test(name) || !TAG.test(tag))
    throw new LabError('BPFLAB_CONFIG_OPTION', `"${text}" is no place in a registry: say HOST[:PORT]/NAME[:TAG].`);
  return { host, name, tag };
}
