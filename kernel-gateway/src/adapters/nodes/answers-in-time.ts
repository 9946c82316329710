/** One answer of several: settled, or `late`, that is not there after the others' and a while more. */
type InTime<T> = PromiseSettledResult<T> | { status: 'late' };

/** Milliseconds: who has not answered so long after another one did is late. */
export const PATIENCE_MS = 3000;

/**
 * What has been answered when nobody has answered for `patienceMs` after another one did. Until somebody answers (a refusal
 * is none) nothing is late: then all are slow, or there is only one.
 *
 * @param asked - the same question to each; a late promise goes on, and its rejection is taken care of
 * @returns the outcomes in order of `asked`
 */
export function answersInTime<T>(asked: readonly Promise<T>[], patienceMs = PATIENCE_MS): Promise<InTime<T>[]> {
  return new Promise(resolve => {
    const outcomes: InTime<T>[] = asked.map(() => ({ status: 'late' }));
    let open = asked.length;
    let timer: NodeJS.Timeout | undefined;
    const finish = (): void => {
      clearTimeout(timer);
      resolve([...outcomes]);
    };
    const settle = (index: number, outcome: PromiseSettledResult<T>): void => {
      outcomes[index] = outcome;
      open -= 1;
      if (open === 0) return finish();
      if (outcome.status === 'rejected' && timer === undefined) return;
      clearTimeout(timer);
      timer = setTimeout(finish, patienceMs);
    };
    asked.forEach((one, index) => {
      void one.then(
        value => settle(index, { status: 'fulfilled', value }),
        (reason: unknown) => settle(index, { status: 'rejected', reason })
      );
    });
    if (open === 0) finish();
  });
}
