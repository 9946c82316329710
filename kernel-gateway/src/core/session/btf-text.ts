import type { Btf } from '../object/btf.js';
import { definitionsOf } from './c-definition.js';

/** Types of a BTF object that are written out; more nobody reads. */
const MAX_TYPES = 2000;

/** Structs, unions and enums of a BTF object as C, in the order of their ids, and how many types it has. */
export function btfText(btf: Btf): { text: string; types: number } {
  const names = btf.types.flatMap(type =>
    (type.kind === 'struct' || type.kind === 'union' || type.kind === 'enum') && type.name !== '' ? [type.name] : []
  );
  const unique = [...new Set(names)];
  const shown = unique.slice(0, MAX_TYPES).flatMap(name => definitionsOf(btf, name));
  const more = unique.length > MAX_TYPES ? [`/* and ${unique.length - MAX_TYPES} more */`] : [];
  return { text: [...shown, ...more].join('\n\n'), types: btf.types.length - 1 };
}
