import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Lab } from '../../kernel-gateway/src/lab.js';
import { requires } from '../requires.js';
import { LabFixture, openLab } from './lab-fixture.js';

/** The targets that a machine can have by itself, and what each needs of it. */
export const targets = [
  ['host', requires('vm', 'bpf')],
  ['vm', requires('vm')]
] as const;

/**
 * The same tests on each target. `open` gives a test its own session, which ends with the test; all share one lab.
 */
export function onEachTarget(name: string, tests: (open: () => LabFixture, target: string) => void): void {
  inLabOnEachTarget(name, (lab, target) => {
    const opened: LabFixture[] = [];
    afterEach(async () => {
      for (const cells of opened.splice(0)) await cells.close();
    });
    tests(() => {
      const cells = new LabFixture(lab(), target);
      opened.push(cells);
      return cells;
    }, target);
  });
}

/** As `onEachTarget`, with one session for all tests of a target. */
export function inOneSession(name: string, tests: (cells: () => LabFixture, target: string) => void): void {
  inLabOnEachTarget(name, (lab, target) => {
    let cells: LabFixture;
    beforeAll(() => {
      cells = new LabFixture(lab(), target);
    });
    afterAll(() => cells.close());
    tests(() => cells, target);
  });
}

function inLabOnEachTarget(name: string, tests: (lab: () => Lab, target: string) => void): void {
  for (const [target, describeTarget] of targets) {
    describeTarget(`${name} on ${target}`, () => {
      let lab: Lab;
      beforeAll(() => {
        lab = openLab();
      });
      afterAll(() => lab.close());
      tests(() => lab, target);
    });
  }
}
