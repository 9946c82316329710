import { describe, expect, it } from 'vitest';
import { obeyNamespaces, obeyTerms, type AskedOfNode } from './obey-terms.js';

const harmless: AskedOfNode = { wide: [], open: [], loadsItself: false };
const refused = (message: RegExp): Error =>
  expect.objectContaining({
    code: 'BPFLAB_POLICY_REFUSED',
    message: expect.stringMatching(message) as string
  }) as Error;

describe('obeyTerms', () => {
  it('lets everything be where there is no policy, or one that is silent', () => {
    const everything = { wide: ['It acts.'], open: null, loadsItself: true };
    expect(() => obeyTerms(undefined, everything)).not.toThrow();
    expect(() => obeyTerms({ not_held: [], machine_wide: 'warn' }, everything)).not.toThrow();
  });

  it.each<[Partial<AskedOfNode>, object, RegExp]>([
    [{ loadsItself: true }, { program_types: ['xdp'] }, /types xdp only/],
    [{ wide: ['It acts.'] }, { machine_wide: 'refuse' }, /whole machine\. It acts\./],
    [{ open: null }, { namespaces: ['class-*'] }, /restricted to pods of class-\*: say --pod/],
    [{ open: ['xdp'] }, { namespaces: ['class-*'] }, /; xdp cannot be/]
  ])('refuses %j under %j', (asked, terms, message) => {
    expect(() => obeyTerms({ not_held: [], ...terms }, { ...harmless, ...asked })).toThrow(refused(message));
    expect(() => obeyTerms({ not_held: [], ...terms }, harmless)).not.toThrow();
  });
});

describe('obeyNamespaces', () => {
  it('permits what a pattern fits, and nothing that only begins or ends so', () => {
    const terms = { not_held: [], namespaces: ['class-?', 'a.b'] };
    expect(() => obeyNamespaces(terms, ['class-1', 'a.b'])).not.toThrow();
    for (const name of ['class-10', 'my-class-1', 'axb', ''])
      expect(() => obeyNamespaces(terms, ['class-1', name])).toThrow(refused(/none of namespace/));
    expect(() => obeyNamespaces({ not_held: [] }, ['any'])).not.toThrow();
  });
});
