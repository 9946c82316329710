/** Answers that are kept: as many as a client may wait for when its connection is lost. */
const KEPT_ANSWERS = 16;

/** Questions of one comm by the names that its client gave them: what was asked again is not done again. */
export class AskedOnce<T> {
  readonly #answers = new Map<string, Promise<T>>();

  /** The answer to the first question of this name, which `answer` is begun for; an empty name is a question of its own. */
  ask(name: string, answer: () => Promise<T>): Promise<T> {
    if (name === '') return answer();
    const known = this.#answers.get(name);
    if (known) return known;
    const promise = answer();
    this.#answers.set(name, promise);
    if (this.#answers.size > KEPT_ANSWERS) this.#answers.delete(this.#answers.keys().next().value!);
    return promise;
  }
}
