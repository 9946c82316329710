/**
 * Who may do what. Three scopes exist: `owner` (everything), `follower` (look, never change or run), `metrics`.
 * A token comes in the Authorization header, as `?token=`, or as a cookie that a page request with a token has set.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** What the bearer of a token may do. */
export type Scope = 'owner' | 'follower' | 'metrics';

/** The parts of a request that can carry a token. */
export interface Credentials {
  authorization: string | undefined;
  cookie: string | undefined;
  /** Value of `?token=`. */
  queryToken: string | undefined;
}

/** Finds the scope of a request. Cookies hold a keyed hash, not the token, and are good for one token only. */
export class Authority {
  readonly #tokens: { scope: Scope; token: string; cookie: string }[];
  /** Called with the port once it is known: cookies are not separated by port, so their name says it. */
  cookieName = 'bpflab';

  constructor(tokens: Partial<Record<Scope, string | null>>) {
    this.#tokens = Object.entries(tokens).flatMap(([scope, token]) =>
      token ? [{ scope: scope as Scope, token, cookie: cookieValue(token) }] : []
    );
  }

  /** Scope of a token, null when it is not one of ours. Takes the same time for every wrong token. */
  scopeOfToken(token: string): Scope | null {
    let found: Scope | null = null;
    for (const entry of this.#tokens) if (isSame(entry.token, token)) found ??= entry.scope;
    return found;
  }

  /** Scope of a request, null when it carries none. A wrong token is not made good by a cookie. */
  scopeOf(credentials: Credentials): Scope | null {
    const header = /^(?:token|bearer)\s+(\S+)\s*$/i.exec(credentials.authorization ?? '')?.[1];
    const token = header ?? credentials.queryToken;
    if (token) return this.scopeOfToken(token);
    const value = readCookie(credentials.cookie ?? '', this.cookieName);
    if (value === null) return null;
    return this.#tokens.find(entry => isSame(entry.cookie, value))?.scope ?? null;
  }

  /** Set-Cookie header that remembers a token for pages below `path`. */
  setCookie(token: string, path: string): string {
    return `${this.cookieName}=${cookieValue(token)}; Path=${path}; HttpOnly; SameSite=Lax; Max-Age=2592000`;
  }
}

const cookieValue = (token: string): string =>
  createHmac('sha256', token).update('bpflab cookie 1').digest('base64url');

const isSame = (a: string, b: string): boolean =>
  timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());

function readCookie(header: string, name: string): string | null {
  for (const pair of header.split(';')) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name && value !== undefined) return value;
  }
  return null;
}
