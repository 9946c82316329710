/** Tries of one call at most, and the longest that the server's wish to wait is followed. */
const TRIES = 6;
const LONGEST_MS = 5000;
const DEFAULT_MS = 500;

/**
 * Does a call again when the API server has no time for it now: status 429, or 503 while it starts. It says for how long.
 *
 * @returns what the call gives; it rejects as the last try does
 */
export async function withPatience<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      const waitMs = askedToWaitMs(error);
      if (waitMs === null || tries === TRIES) throw error;
      await new Promise(resolve => setTimeout(resolve, waitMs));
    }
  }
}

/** Null: another try would come to the same. */
function askedToWaitMs(error: unknown): number | null {
  const status = httpStatus(error);
  if (status !== 429 && status !== 503) return null;
  const { headers = {} } = error as { headers?: Record<string, string | undefined> };
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return Math.min(LONGEST_MS, Number.isFinite(seconds) ? seconds * 1000 : DEFAULT_MS);
}

/** The status that the API server has answered with, also to a handshake of a socket; null: it has not answered. */
export function httpStatus(error: unknown): number | null {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code === 'number') return code;
  const answer = /Unexpected server response: (\d{3})/.exec(typeof message === 'string' ? message : '');
  return answer === null ? null : Number(answer[1]);
}
