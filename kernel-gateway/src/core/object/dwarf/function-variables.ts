/** Variables and parameters of a function, those of its blocks and of what was inlined into it included. */
import { At, Tag } from './dwarf-constant.js';
import type { Die, DwarfInfo } from './die.js';

/** A variable: `declared` is where name and type stand, which an inlined function's variables refer to. */
export interface DwarfVariable {
  die: Die;
  declared: Die;
}

/** The entry that has the name and the type of a variable. */
export function declarationOf(info: DwarfInfo, die: Die): Die {
  let declared = die;
  for (let depth = 0; depth < 8 && !declared.attributes.has(At.type); depth++) {
    const name = declared.attributes.has(At.abstractOrigin) ? At.abstractOrigin : At.specification;
    const reference = declared.unit.reference(declared, name);
    const next = reference === null ? null : info.at(reference);
    if (!next) break;
    declared = next;
  }
  return declared;
}

/** All variables below a scope, in the order of the file. */
export function* variablesIn(info: DwarfInfo, scope: Die): Generator<DwarfVariable> {
  for (const die of scope.children) {
    if (die.tag === Tag.variable || die.tag === Tag.formalParameter) yield { die, declared: declarationOf(info, die) };
    else if (die.tag === Tag.lexicalBlock || die.tag === Tag.inlinedSubroutine) yield* variablesIn(info, die);
  }
}
