import { expect, it } from 'vitest';
import { answersInTime } from './answers-in-time.js';

const never = new Promise<string>(() => undefined);

it('goes on without one that does not answer, and not before another one did', async () => {
  let answer: (text: string) => void = () => undefined;
  const first = new Promise<string>(resolve => (answer = resolve));
  const waiting = answersInTime([never, first, Promise.reject(new Error('no such hook'))], 5);
  let isDone = false;
  void waiting.then(() => (isDone = true));
  // Another question with the same patience is the clock.
  await answersInTime([never, Promise.resolve('')], 5);
  // A refusal alone is no sign that the others are late: loading may take its time.
  expect(isDone).toBe(false);
  answer('here');
  expect(await waiting).toEqual([
    { status: 'late' },
    { status: 'fulfilled', value: 'here' },
    { status: 'rejected', reason: new Error('no such hook') }
  ]);
});

it('waits for nobody when all have answered', async () => {
  const longMs = 2 ** 31 - 1;
  expect(await answersInTime([Promise.resolve(1), Promise.resolve(2)], longMs)).toHaveLength(2);
  expect(await answersInTime([], longMs)).toEqual([]);
});
