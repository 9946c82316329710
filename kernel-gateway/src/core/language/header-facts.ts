/** What libbpf's headers say about helpers and macros, read from their own text. */

/** One helper of bpf_helper_defs.h. */
export interface HelperFact {
  name: string;
  /** Number in enum bpf_func_id. */
  id: number;
  returns: string;
  parameters: string[];
  /** Text of its comment, without the marks of reStructuredText. */
  text: string;
  /** Line of the header (1-based). */
  line: number;
}

/** One macro of a header. `parameters` is null for one without brackets. */
export interface MacroFact {
  name: string;
  parameters: string[] | null;
  text: string;
  header: string;
  line: number;
}

/** Facts of all headers, by name. */
export interface HeaderFacts {
  helpers: ReadonlyMap<string, HelperFact>;
  macros: ReadonlyMap<string, MacroFact>;
}

const HELPER =
  /^(?:__bpf_fastcall )?static (?:__bpf_fastcall )?(.*?)\(\*\s*(?:const )?(bpf_\w+)\)\((.*)\) = \(void \*\) (\d+);/;

/** A comment's lines without stars, tabs and the marks of reStructuredText. */
function plainText(comment: readonly string[]): string {
  const lines = comment.map(line =>
    line
      .replace(/^\s*\*\s?/, '')
      .replace(/^\t/, '')
      .replaceAll('\t', '    ')
  );
  return lines
    .join('\n')
    .replaceAll(/\*\*([^*\n]+)\*\*(\\ )?/g, '$1')
    .replaceAll(/\*([A-Za-z_][\w ./<>-]*)\*/g, '$1')
    .replaceAll(/\\([ /*|])/g, (_, char: string) => (char === ' ' ? '' : char))
    .trim();
}

/** Text of the comment block that ends on the line before `index`; empty when there is none. */
function commentBefore(lines: readonly string[], index: number): string {
  if (!/\*\/\s*$/.test(lines[index - 1] ?? '')) return '';
  let start = index - 1;
  while (start > 0 && !/\/\*/.test(lines[start] ?? '')) start--;
  const body = lines.slice(start, index).map(line => line.replace(/\/\*+/, '').replace(/\*+\/\s*$/, ''));
  return plainText(body);
}

/** Reads bpf_helper_defs.h. What is not in its form is left out. */
export function readHelpers(text: string): Map<string, HelperFact> {
  const lines = text.split('\n');
  const helpers = new Map<string, HelperFact>();
  for (const [index, line] of lines.entries()) {
    const [, returns = '', name, parameters = '', id] = HELPER.exec(line) ?? [];
    if (name === undefined) continue;
    const comment = commentBefore(lines, index);
    helpers.set(name, {
      name,
      id: Number(id),
      returns: returns.trim(),
      parameters: parameters === 'void' ? [] : parameters.split(',').map(part => part.trim()),
      text: comment.startsWith(name) ? comment.slice(name.length).trim() : comment,
      line: index + 1
    });
  }
  return helpers;
}

const MACRO = /^#\s*define\s+([A-Za-z_]\w*)(\(([^)]*)\))?/;

/** Words with underscores in front that are meant for programs; all others are the header's own. */
const ATTRIBUTES =
  /^__(uint|type|array|ulong|always_inline|noinline|weak|hidden|ksym|kconfig|kptr|kptr_untrusted|percpu_kptr|arg_\w+|bpf_unreachable)$/;
const isForPrograms = (name: string): boolean =>
  ATTRIBUTES.test(name) || !(name.startsWith('_') || name.endsWith('__'));

/** Reads the macros of a header that are meant for programs. */
export function readMacros(header: string, text: string): MacroFact[] {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const [, name = '', brackets, parameters = ''] = MACRO.exec(line) ?? [];
    if (name === '' || !isForPrograms(name)) return [];
    const list = parameters.split(',').map(part => part.trim());
    return [
      {
        name,
        parameters: brackets === undefined ? null : list.filter(part => part !== ''),
        text: commentBefore(lines, index),
        header,
        line: index + 1
      }
    ];
  });
}

/** `long bpf_get_current_comm(void *buf, __u32 size_of_buf)` */
export function helperPrototype(helper: HelperFact): string {
  const gap = helper.returns.endsWith('*') ? '' : ' ';
  return `${helper.returns}${gap}${helper.name}(${helper.parameters.length === 0 ? 'void' : helper.parameters.join(', ')})`;
}
