/**
 * Refuses requests that a foreign page could have caused. A page of another site reaches a loopback server in two ways:
 * directly (its Origin is not ours), and by a name of its own that it points at 127.0.0.1 (its Host is not ours).
 */
import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** Judges `Host` and `Origin`; `allowedHosts` are further names that are ours. */
export class OriginGuard {
  readonly #names: Set<string>;

  constructor(allowedHosts: string[]) {
    this.#names = new Set(['localhost', hostname().toLowerCase(), ...allowedHosts.map(name => name.toLowerCase())]);
  }

  /** An address literal cannot be rebound by DNS, so any is fine; a name must be one of ours. */
  isOurHost(host: string | undefined): boolean {
    const name = hostName(host);
    return name !== null && (isIP(name) !== 0 || this.#names.has(name) || name.endsWith('.localhost'));
  }

  /** No Origin: not a page of a browser. Else it must be the host that was asked. */
  isOurOrigin(origin: string | undefined, host: string | undefined): boolean {
    if (origin === undefined) return true;
    if (!URL.canParse(origin)) return false;
    return new URL(origin).host === host?.toLowerCase();
  }
}

/** Name in a Host header, without port and brackets; null when it is not one. */
function hostName(host: string | undefined): string | null {
  if (host === undefined || !URL.canParse(`http://${host}`)) return null;
  const url = new URL(`http://${host}`);
  if (url.pathname !== '/' || url.username !== '' || url.search !== '') return null;
  return url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
}
