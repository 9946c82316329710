/** The ISO week of a day (`2026-11-23`), such as `2026-W48`. */
export function weekOf(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  const thursday = new Date(date.getTime() + (3 - ((date.getUTCDay() + 6) % 7)) * DAY_MS);
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  const week = 1 + Math.floor((thursday.getTime() - first) / (7 * DAY_MS));
  return `${thursday.getUTCFullYear()}-W${String(week).padStart(2, '0')}`;
}

/** The seven days of an ISO week, Monday first; null when the text is none. */
export function daysOf(week: string): string[] | null {
  const match = /^(\d{4})-W(\d\d)$/.exec(week);
  if (match === null) return null;
  const fourth = Date.UTC(Number(match[1]), 0, 4);
  const monday = fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY_MS + (Number(match[2]) - 1) * 7 * DAY_MS;
  const days = Array.from({ length: 7 }, (_unused, index) =>
    new Date(monday + index * DAY_MS).toISOString().slice(0, 10)
  );
  return weekOf(days[0]!) === week ? days : null;
}

const DAY_MS = 86_400_000;
