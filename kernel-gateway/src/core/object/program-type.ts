import { sectionTable } from './section.table.js';

/** What a SEC string says. `type` is libbpf's program type name, or 'unknown'; `target` is what is behind the type's slash. */
export interface ProgramKind {
  type: string;
  target: string;
  optional: boolean;
}

/** Reads a SEC string by libbpf's rules: `?` first means not loaded by default; the longest known name counts. */
export function programKind(section: string): ProgramKind {
  const optional = section.startsWith('?');
  const name = optional ? section.slice(1) : section;
  const whole = sectionTable.get(name);
  if (whole !== undefined) return { type: whole, target: '', optional };
  const slash = name.indexOf('/');
  const prefix = slash < 0 ? name : name.slice(0, slash);
  const type = sectionTable.get(`${prefix}+`);
  const target = slash < 0 ? '' : name.slice(slash + 1);
  return { type: type ?? 'unknown', target, optional };
}
