import { LabError, type PolicyTerms } from '../../protocol/index.js';

/** What a cell is about to do on a node. */
export interface AskedOfNode {
  /** Of its programs, where they are known before they are loaded: what acts on the whole machine, one sentence each. */
  wide: readonly string[];
  /** Sections whose programs see the whole node; null: the cell is not restricted to pods, and all do. */
  open: readonly string[] | null;
  /** Another program than the agent loads what the cell has: its types are not looked at. */
  loadsItself: boolean;
}

const refuse = (message: string): LabError => new LabError('BPFLAB_POLICY_REFUSED', message);

/**
 * Holds a cell to the policy of its node, as far as the agent cannot: that loads what it is given, and knows no pods.
 *
 * @param terms - of the node; undefined: it has no policy
 * @param asked - what the cell is about to do
 * @throws LabError BPFLAB_POLICY_REFUSED
 */
export function obeyTerms(terms: PolicyTerms | undefined, asked: AskedOfNode): void {
  if (terms === undefined) return;
  const { namespaces, program_types: types } = terms;
  if (types !== undefined && asked.loadsItself)
    throw refuse(
      `The policy of the node allows programs of types ${types.join(', ')} only, and those of this cell load themselves; %%bpf is looked at.`
    );
  if (terms.machine_wide === 'refuse' && asked.wide.length > 0)
    throw refuse(`The policy of the node allows no program that acts on the whole machine. ${asked.wide.join(' ')}`);
  if (namespaces === undefined) return;
  const where = `pods of ${namespaces.join(', ')}`;
  if (asked.open === null)
    throw refuse(`The policy of the node wants programs restricted to ${where}: say --pod or --selector.`);
  if (asked.open.length > 0)
    throw refuse(`The policy of the node wants programs restricted to ${where}; ${asked.open.join(', ')} cannot be.`);
}

/**
 * Holds a restriction to the namespaces that the policy permits.
 *
 * @throws LabError BPFLAB_POLICY_REFUSED
 */
export function obeyNamespaces(terms: PolicyTerms | undefined, namespaces: readonly string[]): void {
  const allowed = terms?.namespaces;
  if (allowed === undefined) return;
  const foreign = namespaces.find(name => !allowed.some(pattern => fits(pattern, name)));
  if (foreign !== undefined)
    throw refuse(`The policy of the node permits pods of ${allowed.join(', ')}, and none of namespace "${foreign}".`);
}

/** As fnmatch(3), without brackets, which no name has. */
function fits(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`).test(name);
}
