import { findMagic } from '../../../core/cells/magic.table.js';
import { parseWords } from '../../../core/cells/parse-words.js';
import { say, type CellContext } from '../cell-context.js';

/** `%nodes`: the nodes of the session's cluster. */
export async function nodesMagic(context: CellContext): Promise<void> {
  say(context, await context.core.options.cluster.describeNodes());
}

/** `%pods [--namespace NAME | --all] [--selector LABELS] [--node NAME]`. */
export async function podsMagic(context: CellContext, args: readonly string[]): Promise<void> {
  const magic = findMagic('line', 'pods');
  const words = magic === undefined ? null : parseWords(magic, args);
  const option = (name: string): string => words?.options.get(name)?.[0] ?? '';
  const query = {
    namespace: option('namespace'),
    isEverywhere: words?.options.has('all') ?? false,
    selector: option('selector'),
    node: option('node')
  };
  say(context, await context.core.options.cluster.describePods(query));
}
