import { valueNames } from '../decode/columns-of.js';
import { isChar } from '../decode/value-text.js';
import type { GlobalSpec } from '../object/object-spec.js';
import { stripType, typeName } from '../object/type-layout.js';
import type { Type, TypeTable } from '../object/type-table.js';
import type { GlobalControl } from '../../protocol/index.js';

/** How a variable is changed by hand. `isReloadable`: its run can be loaded anew, so that its constants can change too. */
export function globalControl(types: TypeTable, global: GlobalSpec, isReloadable: boolean): GlobalControl {
  const { type } = stripType(types, global.type);
  const choices = valueNames(type);
  const isConst = global.section.startsWith('.rodata');
  const control = controlOf(types, type, choices);
  return {
    name: global.name,
    c_type: typeName(types, global.type),
    control,
    ...(control === 'choice' ? { choices: choices ?? [] } : {}),
    ...(control === 'text' ? { max_bytes: global.size } : {}),
    is_const: isConst,
    can_set: !isConst || isReloadable
  };
}

function controlOf(types: TypeTable, type: Type, choices: string[] | null): GlobalControl['control'] {
  if (type.kind === 'int' && type.encoding === 'bool') return 'switch';
  if (choices !== null) return 'choice';
  if (type.kind === 'array') return isChar(types, type.element) ? 'text' : 'other';
  return type.kind === 'int' || type.kind === 'float' || type.kind === 'pointer' || type.kind === 'enum'
    ? 'number'
    : 'other';
}
