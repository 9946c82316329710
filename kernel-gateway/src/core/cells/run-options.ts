import type { RunOptions } from './cell-spec.js';
import { parseDuration } from './duration.js';
import type { MagicSpec } from './magic.table.js';
import { optionError, type ParsedWords } from './parse-words.js';

/** Options of a cell that gives none. A fresh value at each call: callers may change it. */
function defaultRunOptions(): RunOptions {
  return {
    forMs: null,
    events: null,
    wait: false,
    target: null,
    kernels: null,
    set: [],
    keepMaps: false,
    pristine: false,
    attach: [],
    attachTargets: [],
    noAttach: false,
    only: [],
    recordTypes: [],
    pods: null
  };
}

/** Splits `NAME=VALUE` at the first `=`; null when there is no name or no `=`. */
export function splitSetting(text: string): { name: string; value: string } | null {
  const equals = text.indexOf('=');
  if (equals <= 0) return null;
  return { name: text.slice(0, equals).trim(), value: text.slice(equals + 1).trim() };
}

/** `PROG:key=value,key=value`; the same words without `PROG:` are for all programs ('*'). */
function parseAttach(magic: MagicSpec, text: string): RunOptions['attach'] {
  const colon = text.indexOf(':');
  const equals = text.indexOf('=');
  const hasProgram = colon > 0 && (equals < 0 || colon < equals);
  const program = hasProgram ? text.slice(0, colon) : '*';
  return (hasProgram ? text.slice(colon + 1) : text).split(',').map(part => {
    const setting = splitSetting(part);
    if (!setting) throw optionError(magic, `"--attach" needs PROG:KEY=VALUE, not "${text}"`);
    return { program, key: setting.name, value: setting.value };
  });
}

function parseCount(magic: MagicSpec, name: string, text: string): number {
  if (!/^\d{1,12}$/.test(text) || Number(text) === 0)
    throw optionError(magic, `"--${name}" needs a number from 1, not "${text}"`);
  return Number(text);
}

/** The pods that `--pod`, `--selector`, `--container` and `--namespace` choose. */
function readPods(magic: MagicSpec, given: (name: string) => string[]): RunOptions['pods'] {
  const [pod = '', selector = ''] = [given('pod')[0], given('selector')[0]];
  const [container = '', namespace = ''] = [given('container')[0], given('namespace')[0]];
  if (pod !== '' || selector !== '') return { pod, selector, container, namespace };
  const alone = container !== '' ? 'container' : namespace !== '' ? 'namespace' : null;
  if (alone !== null) throw optionError(magic, `"--${alone}" needs "--pod" or "--selector" beside it`);
  return null;
}

/** `--target NAME`, or `--node NAME` for a node of the cluster. */
function readTarget(magic: MagicSpec, given: (name: string) => string[]): string | null {
  const [target, node] = [given('target')[0] ?? null, given('node')[0] ?? null];
  if (node === null) return target;
  if (target !== null && target !== 'pod') throw optionError(magic, `"--node" is for the target pod, not "${target}"`);
  return `pod:${node}`;
}

/** `--kernel`, whose machines are the cell's own. */
function readKernels(magic: MagicSpec, given: string | undefined, options: RunOptions): string[] | null {
  if (given === undefined) return null;
  if (options.target !== null && options.target !== 'vm')
    throw optionError(magic, `"--kernel" is for virtual machines, not for the target "${options.target}"`);
  if (options.pods !== null) throw optionError(magic, '"--kernel" is for virtual machines, where there are no pods');
  const names = given.split(',').map(name => name.trim());
  if (names.includes('')) throw optionError(magic, `"--kernel" needs releases of %kernels or "all", not "${given}"`);
  return names;
}

/** Most runs of one test: what the agent takes. */
const MAX_REPEAT = 10_000_000;

/**
 * `--repeat`; 1 without it.
 *
 * @throws LabError BPFLAB_CELL_OPTION when it is no number from 1 to 10,000,000
 */
export function readRepeat(magic: MagicSpec, text = '1'): number {
  const count = parseCount(magic, 'repeat', text);
  if (count > MAX_REPEAT) throw optionError(magic, `"--repeat" is ${MAX_REPEAT} at most`);
  return count;
}

/**
 * `--timeout` in milliseconds; a minute without it.
 *
 * @throws LabError BPFLAB_CELL_OPTION when it is no duration
 */
export function readTimeout(magic: MagicSpec, text = '60s'): number {
  const timeoutMs = parseDuration(text);
  if (timeoutMs === null) throw optionError(magic, `"--timeout" needs a duration such as 30s or 2m, not "${text}"`);
  return timeoutMs;
}

/**
 * Reads the options that a running cell takes from its sorted words.
 *
 * @throws LabError BPFLAB_CELL_OPTION when a value is not what the option takes
 */
export function readRunOptions(magic: MagicSpec, words: ParsedWords): RunOptions {
  const given = (name: string): string[] => words.options.get(name) ?? [];
  const pairs = (name: string, form: string): { name: string; value: string }[] =>
    given(name).map(text => {
      const setting = splitSetting(text);
      if (!setting) throw optionError(magic, `"--${name}" needs ${form}, not "${text}"`);
      return setting;
    });
  const options = defaultRunOptions();
  for (const text of given('for')) {
    options.forMs = parseDuration(text);
    if (options.forMs === null) throw optionError(magic, `"--for" needs a duration such as 500ms or 5s, not "${text}"`);
  }
  for (const text of given('events')) options.events = parseCount(magic, 'events', text);
  options.wait = words.options.has('wait');
  options.target = readTarget(magic, given);
  options.set = pairs('set', 'NAME=VALUE');
  options.keepMaps = words.options.has('keep-maps');
  options.pristine = words.options.has('pristine');
  options.attach = given('attach').flatMap(text => parseAttach(magic, text));
  for (const key of ['ifname', 'cgroup', 'pid'])
    for (const value of given(key)) options.attach.push({ program: '*', key, value });
  options.attachTargets = given('attach-target').map(text => {
    const named = splitSetting(text);
    return named === null ? { program: '*', target: text } : { program: named.name, target: named.value };
  });
  options.noAttach = words.options.has('no-attach');
  options.only = given('only');
  options.pods = readPods(magic, given);
  options.kernels = readKernels(magic, given('kernel')[0], options);
  // `%%insn` has a `--type` of its own.
  const types = magic.name === 'bpf' ? pairs('type', 'MAP=TYPE') : [];
  options.recordTypes = types.map(({ name, value }) => ({ map: name, type: value }));
  return options;
}
