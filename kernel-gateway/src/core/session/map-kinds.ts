import type { ViewKind } from '../../protocol/index.js';

/** Kinds of views whose rows are the entries of a map. */
export const mapKinds: ReadonlySet<ViewKind> = new Set(['map', 'histogram', 'stacks'] as const);
