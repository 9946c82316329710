const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Longest duration that a cell may name: 24 hours. */
export const MAX_DURATION_MS = 24 * 3_600_000;

/**
 * Reads a duration: a decimal number with one of the units ms, s, m, h (`500ms`, `5s`, `1.5m`); a bare number is seconds.
 *
 * @returns milliseconds, rounded up to a whole one; null when the text is no duration or longer than `MAX_DURATION_MS`
 */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h)?$/.exec(text.trim());
  if (!match) return null;
  const ms = Math.ceil(Number(match[1]) * (UNIT_MS[match[2] ?? 's'] ?? 1000));
  return ms <= MAX_DURATION_MS ? ms : null;
}

/** Writes a duration so that `parseDuration` reads it back: the largest unit that divides it. */
export function formatDuration(ms: number): string {
  for (const unit of ['h', 'm', 's']) {
    const unitMs = UNIT_MS[unit] ?? 1;
    if (ms >= unitMs && ms % unitMs === 0) return `${ms / unitMs}${unit}`;
  }
  return `${ms}ms`;
}
