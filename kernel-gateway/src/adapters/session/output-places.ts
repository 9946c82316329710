/**
 * Whose output a run or view is shown in. A run that is loaded anew outside of any cell has no place of its own in the
 * notebook: what it shows takes the place of what the run before it did.
 */
export class OutputPlaces {
  readonly #places = new Map<string, string>();

  /** Id of the run or view whose output shows `id`; its own unless it has taken another's. */
  of(id: string): { place: string; isTaken: boolean } {
    const place = this.#places.get(id);
    return { place: place ?? id, isTaken: place !== undefined };
  }

  /** The outputs of `run` and of its views take the places of those of the run `before`, where both have the same. */
  take(run: string, before: { id: string; views: readonly string[] }): void {
    this.#places.set(run, this.of(before.id).place);
    for (const view of before.views) {
      this.#places.set(`${run}${view.slice(before.id.length)}`, this.of(view).place);
    }
  }
}
