import { HISTORY_SAMPLES, type HistoryPart } from 'kernel-gateway/protocol';

/** The samples of a course over time that a viewer has: parts put together, as many as the session keeps. */
export class HistoryData {
  /** Null before the first part. */
  get current(): HistoryPart | null {
    return this._current;
  }

  /** Adds a part; false when it brings nothing new. */
  add(part: HistoryPart): boolean {
    const before = this._current;
    if (part.is_whole || before === null) {
      this._current = part;
      return true;
    }
    if (part.at_ms.length === 0) {
      return false;
    }
    const join = <T>(old: readonly T[] | undefined, fresh: readonly T[] | undefined): T[] =>
      [...(old ?? []), ...(fresh ?? [])].slice(-HISTORY_SAMPLES);
    this._current = {
      ...part,
      at_ms: join(before.at_ms, part.at_ms),
      gained: part.gained.map((fresh, index) => join(before.gained[index], fresh)),
      ...(part.values === undefined
        ? {}
        : { values: part.values.map((fresh, index) => join(before.values?.[index], fresh)) })
    };
    return true;
  }

  clear(): void {
    this._current = null;
  }

  private _current: HistoryPart | null = null;
}
