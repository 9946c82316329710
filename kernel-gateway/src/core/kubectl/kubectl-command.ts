import { LabError } from '../../protocol/index.js';

/** One command as kubectl's users write it, read and not yet done. Empty texts and nulls: not given. */
export interface KubectlCommand {
  verb: KubectlVerb;
  /** Words without an option: kinds, names, `KIND/NAME`. */
  words: string[];
  /** `-n NAMESPACE`. */
  namespace: string;
  /** `-A`. */
  isEverywhere: boolean;
  /** `-l LABELS`. */
  selector: string;
  /** `--field-selector TEXT`. */
  fields: string;
  /** `-o`: a table without it. */
  output: '' | 'wide' | 'yaml' | 'json' | 'name';
  /** `-c NAME`. */
  container: string;
  /** `--tail N`. */
  tailLines: number | null;
  isPrevious: boolean;
  isFollowing: boolean;
  /** `--for TEXT` of `wait`. */
  condition: string;
  timeoutMs: number;
  /** `--grace-period SECONDS`. */
  graceSeconds: number | null;
  /** `-f -`: objects come in the cell's text. */
  isFromText: boolean;
  isMissingFine: boolean;
  /** Behind `--`. */
  args: string[];
}

/** The verbs that there are, in the order of the help. */
const kubectlVerbs = ['get', 'describe', 'logs', 'apply', 'create', 'delete', 'exec', 'wait'] as const;
/** What a command does. */
type KubectlVerb = (typeof kubectlVerbs)[number];

type Take = (command: KubectlCommand, value: string) => void;

interface Flag {
  names: readonly string[];
  verbs: readonly KubectlVerb[];
  /** Takes a word; a switch takes none. */
  hasValue: boolean;
  take: Take;
}

const selecting = ['get', 'describe', 'delete', 'wait', 'logs'] as const;
const flags: readonly Flag[] = [
  flag('n namespace', kubectlVerbs, (command, value) => (command.namespace = value)),
  flag('l selector', selecting, (command, value) => (command.selector = value)),
  flag('field-selector', ['get', 'delete'], (command, value) => (command.fields = value)),
  flag('o output', ['get'], (command, value) => (command.output = outputOf(value))),
  flag('c container', ['logs', 'exec'], (command, value) => (command.container = value)),
  flag('tail', ['logs'], (command, value) => (command.tailLines = numberOf('--tail', value))),
  flag('for', ['wait'], (command, value) => (command.condition = value)),
  flag('timeout', ['wait', 'delete'], (command, value) => (command.timeoutMs = durationOf(value))),
  flag('grace-period', ['delete'], (command, value) => (command.graceSeconds = numberOf('--grace-period', value))),
  flag('f filename', ['apply', 'create', 'delete'], (command, value) => takeFile(command, value)),
  toggle('A all-namespaces', ['get', 'describe', 'delete', 'wait'], command => (command.isEverywhere = true)),
  toggle('p previous', ['logs'], command => (command.isPrevious = true)),
  toggle('f follow', ['logs'], command => (command.isFollowing = true)),
  toggle('ignore-not-found', ['get', 'delete'], command => (command.isMissingFine = true)),
  // Said by habit: it is what happens here anyway.
  toggle('i stdin', ['exec'], () => undefined),
  toggle('server-side', ['apply'], () => undefined)
];

function flag(names: string, verbs: readonly KubectlVerb[], take: Take): Flag {
  return { names: names.split(' '), verbs, hasValue: true, take };
}

function toggle(names: string, verbs: readonly KubectlVerb[], take: (command: KubectlCommand) => void): Flag {
  return { names: names.split(' '), verbs, hasValue: false, take };
}

const wrong = (text: string): LabError => new LabError('BPFLAB_CELL_OPTION', `kubectl: ${text}.`);

function outputOf(value: string): KubectlCommand['output'] {
  if (value === 'wide' || value === 'yaml' || value === 'json' || value === 'name') return value;
  throw wrong(`-o is wide, yaml, json or name here, not "${value}"`);
}

function numberOf(name: string, value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw wrong(`${name} needs a number, not "${value}"`);
  return Number(value);
}

function durationOf(value: string): number {
  const [, count = '', unit = 's'] = /^(\d{1,6})(s|m)?$/.exec(value) ?? [];
  if (count === '') throw wrong(`--timeout needs a time such as 60s, not "${value}"`);
  return Number(count) * (unit === 'm' ? 60_000 : 1000);
}

function takeFile(command: KubectlCommand, value: string): void {
  if (value !== '-') throw wrong(`-f reads the lines below the command: -f -, not "${value}"`);
  command.isFromText = true;
}

function newCommand(verb: KubectlVerb): KubectlCommand {
  return {
    ...{ verb, words: [], namespace: '', isEverywhere: false, selector: '', fields: '', output: '', container: '' },
    ...{ tailLines: null, isPrevious: false, isFollowing: false, condition: '', timeoutMs: 30_000 },
    ...{ graceSeconds: null, isFromText: false, isMissingFine: false, args: [] }
  };
}

/**
 * Reads the words of one command; a first word `kubectl` is skipped, and options may stand before the verb.
 *
 * @throws LabError BPFLAB_CELL_OPTION for a verb or an option that is not here, or that lacks its value
 */
export function parseKubectl(given: readonly string[]): KubectlCommand {
  const words = given[0] === 'kubectl' ? given.slice(1) : [...given];
  const verb = kubectlVerbs.find(one => words.includes(one));
  if (verb === undefined || words.indexOf(verb) !== words.findIndex(word => isVerbPlace(words, word))) {
    const name = words.find(word => !word.startsWith('-')) ?? '';
    throw wrong(`there is no verb "${name}" here; there are ${kubectlVerbs.join(', ')}`);
  }
  const command = newCommand(verb);
  const at = words.indexOf(verb);
  words.splice(at, 1);
  const end = words.indexOf('--');
  if (end >= 0) command.args = words.splice(end).slice(1);
  readWords(command, words);
  checkCommand(command);
  return command;
}

/** The verb is the first word that is neither an option nor an option's value. */
function isVerbPlace(words: readonly string[], word: string): boolean {
  const before = words[words.indexOf(word) - 1];
  return !word.startsWith('-') && before !== '-n' && before !== '--namespace';
}

function readWords(command: KubectlCommand, words: readonly string[]): void {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (!word.startsWith('-') || word === '-') {
      command.words.push(word);
      continue;
    }
    const [, name = '', glued] = /^--?([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    const found = flags.find(one => one.names.includes(name) && one.verbs.includes(command.verb));
    if (found === undefined) throw wrong(`"${command.verb}" has no option "${word}" here${whyNot(name)}`);
    if (!found.hasValue) {
      found.take(command, '');
      continue;
    }
    const value = glued ?? words[++at];
    if (value === undefined) throw wrong(`"${word}" needs a value`);
    found.take(command, value);
  }
}

function whyNot(name: string): string {
  if (name === 't' || name === 'tty' || name === 'it') return ': a cell is no terminal, open one in the container';
  return name === 'context' || name === 'kubeconfig' ? ": cells use the session's cluster" : '';
}

function checkCommand(command: KubectlCommand): void {
  const rule = rules.find(({ verbs, isBroken }) => verbs.includes(command.verb) && isBroken(command));
  if (rule !== undefined) throw wrong(rule.text.replace('VERB', command.verb));
}

/** What a command lacks. */
const rules: readonly {
  verbs: readonly KubectlVerb[];
  isBroken: (command: KubectlCommand) => boolean;
  text: string;
}[] = [
  {
    verbs: ['apply', 'create'],
    isBroken: ({ isFromText }) => !isFromText,
    text: '"VERB" needs -f - and objects below it'
  },
  {
    verbs: ['exec'],
    isBroken: ({ words, args }) => words.length !== 1 || args.length === 0,
    text: 'exec needs POD -- COMMAND'
  },
  {
    verbs: ['logs'],
    isBroken: ({ words, selector }) => words.length === 0 && selector === '',
    text: 'logs needs a pod'
  },
  {
    verbs: ['wait'],
    isBroken: ({ condition }) => condition === '',
    text: 'wait needs --for, such as --for=condition=Ready'
  },
  {
    verbs: ['get', 'describe', 'wait', 'delete'],
    isBroken: ({ words, isFromText }) => words.length === 0 && !isFromText,
    text: '"VERB" needs a kind, such as pods'
  },
  {
    verbs: ['delete'],
    isBroken: ({ words, selector, isFromText }) =>
      !isFromText && selector === '' && words.length === 1 && !words[0]?.includes('/'),
    text: 'delete needs a name, or -l LABELS'
  }
];
