import { describe, expect, it } from 'vitest';
import { makeReport, reportText, type Check } from './doctor-report.js';
import { namespaceRemedy } from './machine-checks.js';
import { checkDocker, withoutPassword } from './outside-checks.js';
import { runProgram } from './run-program.js';

const check = (fields: Partial<Check>): Check => ({
  ...{ id: 'x', title: 'X', state: 'ok', needed: true, summary: 'works.', remedy: '', facts: {} },
  ...fields
});

describe('makeReport', () => {
  it('is ready when nothing that is needed is missing', () => {
    expect(makeReport([check({ state: 'limited' }), check({ state: 'missing', needed: false })]).ready).toBe(true);
    expect(makeReport([check({ state: 'missing' })]).ready).toBe(false);
    expect(makeReport([check({ state: 'unknown' })]).ready).toBe(false);
  });

  it('reads with the remedy below what is missing', () => {
    const text = reportText(makeReport([check({ state: 'missing', summary: 'is not there.', remedy: 'Install it.' })]));
    expect(text).toBe(
      'MISSING  X: is not there.\n         → Install it.\n\nSomething that is needed is missing; see above.'
    );
  });
});

describe('namespaceRemedy', () => {
  it.each([
    [
      { apparmor_restrict_unprivileged_userns: '1', max_user_namespaces: '100' },
      /apparmor_restrict_unprivileged_userns = 0/
    ],
    [{ unprivileged_userns_clone: '0' }, /unprivileged_userns_clone = 1/],
    [{ max_user_namespaces: '0' }, /max_user_namespaces = 15000/],
    [{ max_user_namespaces: '100' }, /inside a container/]
  ])('names the switch that forbids: %j', (settings, remedy) => expect(namespaceRemedy(settings)).toMatch(remedy));
});

describe('runProgram', () => {
  it('tells a status, a missing program and silence apart', async () => {
    await expect(runProgram('sh', ['-c', 'echo out; echo err >&2; exit 3'])).resolves.toMatchObject({
      ...{ status: 3, stdout: 'out\n', stderr: 'err\n' }
    });
    await expect(runProgram('no-such-program', [])).resolves.toMatchObject({
      ...{ status: null, error: 'no-such-program is not installed' }
    });
    // cat waits for its input.
    await expect(runProgram('cat', [], 20)).resolves.toMatchObject({ status: null, error: 'no answer within 0.02 s' });
  });
});

describe('checkDocker', () => {
  it('is optional, and says what it found', async () => {
    const { needed, state, summary } = await checkDocker();
    expect(needed).toBe(false);
    expect(['ok', 'limited', 'missing']).toContain(state);
    expect(summary).toMatch(/\.$/);
  });
});

describe('withoutPassword', () => {
  it('hides user and password of an address only', () => {
    expect(withoutPassword('http://me:secret@proxy:3128/')).toBe('http://proxy:3128/');
    expect(withoutPassword('http://proxy:3128/a@b')).toBe('http://proxy:3128/a@b');
  });
});
