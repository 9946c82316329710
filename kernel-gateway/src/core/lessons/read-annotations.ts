/**
 * Conventions of other tools in a program's text: eunomia-bpf's doc comments (`/// @tchook {…}`), bumblebee's names of maps
 * (`print_`, `counter_`, `gauge_`, `hist_`), inspektor-gadget's macros (`GADGET_TRACER(name, map, struct)`).
 * @see https://github.com/eunomia-bpf/eunomia-bpf/blob/master/bpf-loader-rs/bpf-loader-lib/src/meta/mod.rs
 */

/** One annotation: `target` is the name of the variable, map or function that it stands before; `value` as it is written. */
interface Annotation {
  name: string;
  value: string;
  target: string;
  section: string;
}

/** The annotations of a program's doc comments. */
function readAnnotations(text: string): Annotation[] {
  const found: Annotation[] = [];
  let waiting: { name: string; value: string }[] = [];
  let section = '';
  for (const line of text.split('\n')) {
    const annotation = /^\s*\/\/\/\s*@(\w+)\s*(.*?)\s*$/.exec(line);
    if (annotation) {
      waiting.push({ name: annotation[1]!, value: annotation[2]!.replace(/^"(.*)"$/, '$1') });
      continue;
    }
    if (waiting.length === 0) continue;
    section = /SEC\("([^"]*)"\)/.exec(line)?.[1] ?? section;
    const target = targetOf(line);
    if (target === null) continue;
    found.push(...waiting.map(each => ({ ...each, target, section })));
    [waiting, section] = [[], ''];
  }
  return found;
}

/** What a line declares: a function, a variable, the end of a map's struct; null for lines on the way there. */
function targetOf(line: string): string | null {
  const rest = line.replace(/SEC\("[^"]*"\)/, '').trim();
  if (rest === '' || /^(struct\s*\{|__(uint|type|array)\(|\/\/|\/?\*)/.test(rest)) return null;
  const wrapped = /\b(?:BPF_\w+)\s*\(\s*(\w+)/.exec(rest)?.[1];
  return wrapped ?? /(\w+)\s*(?:\[[^\]]*\]\s*)*[;=(]/.exec(rest)?.[1] ?? null;
}

function jsonOf(value: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const interfaceOf = (index: unknown): string => (Number(index) === 1 ? 'lo' : '<interface>');

/**
 * Options of a `%%bpf` cell that do what the annotations say, and the interface that a program for packets has to have:
 * the loopback one where nothing else is said.
 */
export function annotatedOptions(text: string): string[] {
  const options: string[] = [];
  let ifname = /SEC\("(xdp|tc|tcx|classifier)\b/.test(text) ? 'lo' : '';
  for (const { name, value, target } of readAnnotations(text)) {
    if (name === 'ifindex') ifname = interfaceOf(value);
    if (name === 'tchook') {
      const { ifindex, attach_point: point } = jsonOf(value);
      ifname = interfaceOf(ifindex);
      options.push('--attach', `${target}:direction=${point === 'BPF_TC_EGRESS' ? 'egress' : 'ingress'}`);
    }
    const { default: initial } = name === 'cmdarg' ? jsonOf(value) : {};
    if (typeof initial === 'number' || typeof initial === 'boolean') options.push('--set', `${target}=${initial}`);
  }
  return ifname === '' ? options : ['--ifname', ifname, ...options];
}

const bumblebee: Readonly<Record<string, string>> = {
  print: 'its records are a table of events',
  counter: 'its values are counters',
  gauge: 'its values are gauges',
  hist: 'its values are a histogram'
};

/** Sentences about the conventions that a program follows; empty when it follows none. Markdown. */
export function annotationNotes(text: string): string[] {
  const notes = readAnnotations(text).flatMap(({ name, value, target }) => {
    if (name === 'description' && !/^LICENSE$/.test(target))
      return [`\`${target}\`: ${plain(value)} (\`%set ${target}=…\`)`];
    if (name === 'sample')
      return [`\`${target}\`: ${plain(/"type"\s*:\s*"(\w+)"/.exec(value)?.[1] ?? 'values')} (live view)`];
    return [];
  });
  for (const [, prefix = '', rest = ''] of text.matchAll(/\}\s*(print|counter|gauge|hist)_(\w+)\s+SEC\("\.maps"\)/g))
    notes.push(`\`${prefix}_${rest}\`: ${bumblebee[prefix]!}`);
  for (const [, macro = '', words = ''] of text.matchAll(
    /^\s*GADGET_(TRACER|MAPITER|SNAPSHOTTER|PARAM)\(([\w ,]+)\)/gm
  )) {
    const [name = '', map = '', type = ''] = words.split(',').map(word => word.trim());
    notes.push(
      macro === 'PARAM'
        ? `\`${name}\`: parameter (\`%set ${name}=…\`)`
        : `\`${map}\`: ${name}${type && `, \`struct ${type}\``}`
    );
  }
  return notes;
}

/** Text that Markdown and HTML read as nothing else. */
const plain = (text: string): string =>
  text
    .replace(/[<>&`*_[\]\\|]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200);
