import { closestName } from '../cells/closest-name.js';
import type { GlobalSetting } from '../cells/cell-spec.js';
import { parseValue } from '../decode/parse-value.js';
import { LOST_SECTION } from '../instrument/instrument.js';
import type { GlobalSpec, ObjectSpec } from '../object/object-spec.js';
import { LabError } from '../../protocol/index.js';

/** Globals that a user may set: not bpflab's own, not the format strings of bpf_printk. */
export function settableGlobals(object: ObjectSpec): GlobalSpec[] {
  return object.globals.filter(global => global.section !== LOST_SECTION && !/(^|\.)_+fmt(\.|$)/.test(global.name));
}

/**
 * The global that a setting names.
 *
 * @throws LabError BPFLAB_GLOBAL_UNKNOWN
 */
export function findGlobal(object: ObjectSpec, name: string): GlobalSpec {
  const globals = settableGlobals(object);
  const found = globals.find(global => global.name === name);
  if (found !== undefined) {
    return found;
  }
  const names = globals.map(global => global.name);
  const near = closestName(name, names);
  const rest = near === null ? `it has ${names.length === 0 ? 'none' : names.join(', ')}` : `is it "${near}"`;
  throw new LabError('BPFLAB_GLOBAL_UNKNOWN', `The program has no global variable "${name}"; ${rest}.`);
}

/**
 * A setting as bytes over its section's initial value.
 *
 * @returns `map` is the section's name, `bytes` are hex, as the agent's `load` takes them
 * @throws LabError BPFLAB_GLOBAL_UNKNOWN, and what `parseValue` throws for a text that is no such value
 */
export function globalBytes(
  object: ObjectSpec,
  setting: GlobalSetting
): { map: string; offset: number; bytes: string } {
  const global = findGlobal(object, setting.name);
  const bytes = parseValue(object.types, global.type, setting.value);
  return { map: global.section, offset: global.offset, bytes: toHex(bytes) };
}

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    text += byte.toString(16).padStart(2, '0');
  }
  return text;
}
