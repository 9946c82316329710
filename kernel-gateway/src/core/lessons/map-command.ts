import { appsOf, cellNameOf, isEndlessProgram, type LessonProgram } from './lesson-programs.js';
import type { SourceFile } from './lesson-source.js';
import { readCargoCommand } from './read-cargo-command.js';

/** What a command of a README becomes here. */
export type MappedCommand =
  /** A cell of ours. `original` is shown when its text is another one. */
  | { kind: 'cell'; source: string; isTraffic: boolean }
  /** A program's own cell, which the importer puts before it when it is not there yet. */
  | { kind: 'program'; program: LessonProgram; settings: string[] }
  /** Nothing is needed: the note says why. */
  | { kind: 'note'; note: keyof typeof notes };

/** Why a command has no cell, English and Chinese. */
export const notes = {
  install: {
    en: 'Not needed here: compiler, libbpf and bpftool are in the lab image.',
    zh: '这里不需要：编译器、libbpf 和 bpftool 已在实验镜像中。'
  },
  fetch: {
    en: 'Not needed here: the files of the lesson are beside this notebook.',
    zh: '这里不需要：本课的文件就在此笔记本旁边。'
  },
  compile: { en: 'Done by the cell of the program.', zh: '由该程序的单元完成。' },
  printk: {
    en: 'The lines are in the printk view under the cell of the program.',
    zh: '这些行显示在该程序单元下方的 printk 视图中。'
  },
  toolchain: {
    en: 'Needs a tool chain that is no part of the lab image.',
    zh: '需要实验镜像中没有的工具链。'
  }
} as const;

/** What a command is seen with. `folder`: where a `cd` before it led, below the lesson's folder; empty for that itself. */
export interface CommandContext {
  programs: readonly LessonProgram[];
  files: readonly SourceFile[];
  folder: string;
  isElsewhere: boolean;
}

const PRIVILEGE = /^sudo\s+(?:-[EHn]+\s+)*/;
/** Where tracefs is mounted without debugfs too. */
const DEBUGFS = '/sys/kernel/debug/tracing';
const TRACEFS = '/sys/kernel/tracing';
const TRACE_PIPE = /\/tracing\/trace_pipe\b/;
/** Programs that run until they are ended. */
export const ENDLESS =
  /(^|\s|\/)(tcpdump|nc -l|ncat -l|watch |top\b|dmesg -w|journalctl -f|tail -f|ping(?!.* -c)|python3? -m http\.server|trace_pipe)/;
const INSTALL = /^(apt(-get)?|dnf|yum|zypper|pacman|brew|pip3?|npm|snap|rustup)\s/;
const FETCH =
  /^(git (clone|submodule|checkout|pull)|(wget|curl)\b.*(github\.com|aka\.pw|releases\/)|chmod \+x \.?\/?ec(c|li)|tar |unzip |mkdir build|sh -c ['"]?(mount|echo))/;
const TOOLCHAIN = /^(cargo|rustc|go (build|run)|nvcc|cmake|xmake|docker|podman|javac|mvn)\b|^\.\/target\//;

/** Words in angle brackets and made-up paths that only the learner can fill in. */
export function placeholdersOf(command: string): string[] {
  const found = command.match(/<[A-Za-z][\w .-]{0,30}>|\/path\/to\/[\w./-]+/g) ?? [];
  return [...new Set(found)].filter(word => !/^<\w+\.h>$/.test(word));
}

const stripped = (command: string): string =>
  command
    .split('\n')
    .map(line => line.replace(PRIVILEGE, ''))
    .join('\n');

/** `%%sh` that asks for what the command leaves open. */
function shellCell(command: string, isBackground: boolean): string {
  const words = placeholdersOf(command);
  const names = words.map(word => `ASK_${cellNameOf(word.replace(/^<|>$|^\/path\/to\//g, '')).toLowerCase()}`);
  const asking = words.map((word, at) => `printf '%s: ' '${word.replaceAll("'", '')}'; read -r ${names[at]}`);
  const text = words.reduce((line, word, at) => line.replaceAll(word, `"$${names[at]}"`), command);
  // A process in the background is not asked for anything.
  const background = isBackground && words.length === 0 ? ' --bg' : '';
  return [`%%sh${background}`, ...asking, text].join('\n');
}

/** A program is called where it is made, also when the text calls it from the top of the clone. */
const withOwnPaths = (text: string, programs: readonly LessonProgram[]): string =>
  text.replace(/(^|\s)\.\/(?:[\w.-]+\/)+([\w.+-]+)/g, (whole: string, space: string, name: string) =>
    programs.some(program => program.name === name) ? `${space}./${name}` : whole
  );

/** What one command of a README becomes. */
export function mapCommand(command: string, context: CommandContext): MappedCommand {
  const text = withOwnPaths(stripped(command).trim(), context.programs);
  if (INSTALL.test(text)) return { kind: 'note', note: 'install' };
  if (FETCH.test(text)) return { kind: 'note', note: 'fetch' };
  if (/^(docker|podman) .*ecc|^\.?\/?ecc(-\w+)?\s/.test(text)) return compiled(text, context);
  return (
    toolchainCommand(text, context) ??
    eunomiaRun(text, context) ??
    makeCommand(text, context) ??
    loaded(text, context) ??
    tracePipe(text, context) ??
    bpftraceCommand(text, context) ??
    ownProgram(text, context) ?? {
      kind: 'cell',
      source: shellCell(text.replaceAll(DEBUGFS, TRACEFS), context.isElsewhere || ENDLESS.test(text)),
      isTraffic: true
    }
  );
}

function compiled(text: string, { programs }: CommandContext): MappedCommand {
  const named = programs.find(({ file }) => text.includes(file.path));
  return named ? { kind: 'program', program: named, settings: [] } : { kind: 'note', note: 'compile' };
}

/** `ecli run package.json --pid_target 618`: its flags are the object's globals. */
function eunomiaRun(text: string, { programs }: CommandContext): MappedCommand | null {
  const words = /^\.?\/?ecli(?:-\w+)?\s+(?:run\s+)?(\S+)\s*(.*)$/s.exec(text);
  if (!words) return null;
  const kernelParts = programs.filter(({ kind }) => kind === 'bpf');
  const program = kernelParts.find(({ name }) => words[1]!.includes(name)) ?? kernelParts[0];
  if (!program) return { kind: 'note', note: 'compile' };
  return { kind: 'program', program, settings: settingsOf(words[2]!) };
}

function settingsOf(flags: string): string[] {
  return [...flags.matchAll(/--(enable-|disable-)?([A-Za-z_]\w*)(?:[ =]+(?!--)(\$\([^)]*\)|\S+))?/g)]
    .filter(([, , name]) => !/^(verbose|help|h)$/.test(name!))
    .map(([, turn, name, value]) => `${name}=${value ?? (turn === 'disable-' ? 'false' : 'true')}`);
}

const folderWords = (folder: string): string => (folder === '' ? '' : ` ${folder}`);

function makefileIn(context: CommandContext): SourceFile | undefined {
  const path = context.folder === '' ? 'Makefile' : `${context.folder}/Makefile`;
  return context.files.find(file => file.path === path);
}

function makeCommand(text: string, context: CommandContext): MappedCommand | null {
  const words = /^make\b((?:\s+[\w=./$()-]+)*)$/.exec(text.split(/&&|;/)[0]!.trim());
  if (!words) return null;
  const rest = words[1]!.trim().split(/\s+/);
  if (/^-C$/.test(rest[0] ?? ''))
    return makeCommand(['make', ...rest.slice(2)].join(' '), { ...context, folder: rest[1] ?? '' });
  if (!makefileIn(context)) return { kind: 'note', note: 'compile' };
  const goals = rest.filter(word => word !== '' && !word.startsWith('-'));
  if (goals.includes('clean')) return { kind: 'note', note: 'compile' };
  const options = goals.length > 0 ? ` -- ${goals.join(' ')}` : '';
  return { kind: 'cell', source: `%%make${folderWords(context.folder)}${options}`, isTraffic: false };
}

/** A folder that cargo builds is built as one with a Makefile is; of other tool chains there is a note. */
function toolchainCommand(text: string, { files, folder, isElsewhere }: CommandContext): MappedCommand | null {
  const manifest = files.find(({ path }) => path === (folder === '' ? 'Cargo.toml' : `${folder}/Cargo.toml`));
  const cargo = manifest === undefined ? null : readCargoCommand(text, manifest.text);
  if (cargo === null) return TOOLCHAIN.test(text) ? { kind: 'note', note: 'toolchain' } : null;
  const body = cargo.call === '' ? '' : `\n${shellCell(cargo.call, false).slice('%%sh\n'.length)}`;
  const background = body !== '' && isElsewhere ? ' --bg' : '';
  const options = cargo.isRelease ? ' -- --release' : '';
  return { kind: 'cell', source: `%%make${folderWords(folder)}${background}${options}${body}`, isTraffic: false };
}

function loaded(text: string, { programs }: CommandContext): MappedCommand | null {
  const object = /^bpftool\s.*prog\s+load(?:all)?\s+(\S+?)\.(?:bpf\.)?o\b/.exec(text)?.[1]?.replace(/^.*\//, '');
  const program = programs.find(({ kind, name }) => kind === 'bpf' && name === object);
  return program ? { kind: 'program', program, settings: [] } : null;
}

function tracePipe(text: string, { programs }: CommandContext): MappedCommand | null {
  if (!TRACE_PIPE.test(text)) return null;
  const isApplication = programs.some(({ kind }) => kind === 'make' || kind === 'user');
  if (!isApplication && programs.some(({ kind }) => kind === 'bpf')) return { kind: 'note', note: 'printk' };
  return { kind: 'cell', source: `%%sh --for 5s\n${text.replaceAll(DEBUGFS, TRACEFS)}`, isTraffic: false };
}

function bpftraceCommand(text: string, { files, folder }: CommandContext): MappedCommand | null {
  const script = /^bpftrace\s+(?:-\w+\s+)*-e\s+(['"])([\s\S]*)\1\s*(.*)$/.exec(text);
  if (script && !/\$[{(A-Za-z]/.test(script[1] === '"' ? script[2]! : ''))
    return {
      kind: 'cell',
      source: `%%bpftrace\n${script[1] === '"' ? script[2]!.replace(/\\(["$`\\])/g, '$1') : script[2]!}`,
      isTraffic: false
    };
  const name = /^(?:bpftrace\s+|\.\/)([\w./-]+\.bt)\s*(.*)$/.exec(text);
  const path = name && [folder, name[1]!.replace(/^\.\//, '')].filter(part => part !== '').join('/');
  const file = files.find(each => each.path === path);
  if (!file) return null;
  const args = name![2]! === '' ? '' : ` -- ${name![2]!}`;
  return {
    kind: 'cell',
    source: `%%bpftrace ${cellNameOf(file.path.replace(/^.*\/|\.bt$/g, ''))}${args}\n${file.text.trimEnd()}`,
    isTraffic: false
  };
}

/** `./X args`: an application of the Makefile, a program with a cell of its own, or a script of the folder. */
function ownProgram(text: string, context: CommandContext): MappedCommand | null {
  const { caller, name, args } = CALL.exec(text)?.groups ?? {};
  const program = calledProgram(text, name, context.programs);
  const isKnown = program !== undefined || isCalledFile(caller, name, context);
  if (!isKnown) return null;
  if (program && !['make', 'user'].includes(program.kind)) return { kind: 'program', program, settings: [] };
  if (makefileIn(context)) return { kind: 'cell', source: madeCell(text, program, context), isTraffic: false };
  return program ? { kind: 'cell', source: userCell(program, args?.trim() ?? ''), isTraffic: false } : null;
}

/** Whether a command calls a file of the folder, or what is made of one. */
function isCalledFile(caller: string | undefined, name: string | undefined, context: CommandContext): boolean {
  if (caller === undefined || name === undefined) return false;
  const { files, folder } = context;
  return files.some(({ path }) => {
    const own = folder === '' ? path : path.slice(folder.length + 1);
    return own === name || (own.startsWith(name) && /^\.(c|cpp|cc|go|cu|rs)$/.test(own.slice(name.length)));
  });
}

/** A program of the folder that is called by itself, perhaps by an interpreter. */
const CALL =
  /^(?:timeout\s+\S+\s+)?(?<caller>(?:bash|sh|python3?)\s+|\.\/)?(?:\.\/)?(?<name>[\w.+-]+)(?<args>\s[\s\S]*)?$/;

/** The program that a command names first, or calls somewhere in it as `./X`. */
function calledProgram(
  text: string,
  first: string | undefined,
  programs: readonly LessonProgram[]
): LessonProgram | undefined {
  const words = [first, ...[...text.matchAll(/(?:^|\s)\.\/([\w.+-]+)/g)].map(([, word]) => word)];
  return programs.find(({ name, file }) => words.includes(name) || words.includes(file.path));
}

function madeCell(text: string, program: LessonProgram | undefined, context: CommandContext): string {
  const isLong = (program !== undefined && isEndlessProgram(program)) || context.isElsewhere;
  const background = isLong && placeholdersOf(text).length === 0 ? ' --bg' : '';
  const apps = appsOf(makefileIn(context)?.text ?? '');
  const goals = program && apps.length > 1 && apps.includes(program.name) ? ` -- ${program.name}` : '';
  const body = shellCell(text, false).slice('%%sh\n'.length);
  return `%%make${folderWords(context.folder)}${background}${goals}\n${body}`;
}

function userCell(program: LessonProgram, args: string): string {
  const background = isEndlessProgram(program) ? ' --bg' : '';
  const words = args === '' ? '' : ` -- ${args}`;
  return `%%user ${program.cellName}${background}${words}\n#include "${program.userFile?.path ?? ''}"`;
}
