/** One command of a fence. `command` may have several lines; `output` is what the text shows after it. */
export interface TranscriptStep {
  command: string;
  output: string;
  /** Whether the text says that it is for a second terminal. */
  isElsewhere: boolean;
}

/** A fence of a shell. `output` alone: the fence shows only what an earlier command prints. */
export type Transcript = { kind: 'steps'; steps: TranscriptStep[] } | { kind: 'output'; text: string };

const SHELL = /^(bash|sh|shell|console|zsh|shell-session|terminal)$/i;
const DOLLAR = /^\s*\$ (.*)$/;
const HASH = /^# (.*)$/;
/** First words by which a line is taken for a command where no prompt says so. */
const COMMAND =
  /^(sudo |\.{1,2}\/\S|cd |make\b|ecc |ecli |bpftool |bpftrace |cat \/|curl |ip |python3? |clang |gcc |git |touch |rm |mount |echo )/;

/** What is a command in a fence of no language too. */
const ONE_LINER = /^(sudo )?bpftrace -[el]\b/;

/** A line of a shell fence that may be a command: no sentence, no head of a table, no `name: value`. */
const LOOKS_LIKE_COMMAND = /^\s*([a-z_.~/$(][^\s:]*(\s|$)|[A-Za-z_]\w*=|[[({]\s)/;
const PRINTED = /^(libbpf|bash|sudo|make)(\[\d+\])?: |^[a-z]+ed\b.*\.$/;

/** In another terminal, as texts say it in English and Chinese. */
export const ELSEWHERE =
  /\b(another|second|separate|different|new) (terminal|shell|console|window|tab)\b|另(一个|开|外一个|外)[^。\n]{0,8}(终端|窗口|控制台)|新的?(终端|窗口)/i;

/** Whether a line opens what the following ones end. */
function isOpen(command: string): boolean {
  if (/\\$/.test(command)) return true;
  const heredoc = /<<-?\s*['"]?(\w+)['"]?/.exec(command);
  if (heredoc) return !new RegExp(`\\n\\s*${heredoc[1]}\\s*$`).test(command);
  const bare = command.replace(/\\./g, '').replace(/(^|\s)#.*$/gm, '');
  return (bare.match(/'/g)?.length ?? 0) % 2 === 1 && !/"[^"]*'[^"]*"/.test(bare);
}

interface Prompts {
  prompt: RegExp | null;
}

/**
 * A fence as commands with their output; null when it is none of a shell. Lines with `$ ` (or `# ` before a command) make it a
 * transcript; `bash`, `sh`, `shell` without one hold commands only; `console` without one is a command or an output, as its
 * first line looks.
 */
export function readTranscript(info: string, text: string): Transcript | null {
  const language = info.trim().split(/\s+/)[0] ?? '';
  if (language !== '' && !SHELL.test(language)) return null;
  const lines = text.replaceAll('\r', '').split('\n');
  const { prompt } = promptOf(lines);
  if (prompt) return { kind: 'steps', steps: promptedSteps(lines, prompt) };
  const first = lines.find(line => line.trim() !== '' && !line.startsWith('#')) ?? '';
  if (language === '') return ONE_LINER.test(first) ? bareConsole(lines) : null;
  return withoutPrompt(lines, { text, first, isConsole: /^(console|terminal|shell-session)$/i.test(language) });
}

function withoutPrompt(
  lines: readonly string[],
  { text, first, isConsole }: { text: string; first: string; isConsole: boolean }
): Transcript | null {
  if (isConsole) return COMMAND.test(first) ? bareConsole(lines) : { kind: 'output', text };
  if (/^#!/.test(text)) return null;
  if (!LOOKS_LIKE_COMMAND.test(first) || PRINTED.test(first)) return { kind: 'output', text };
  return { kind: 'steps', steps: bareSteps(lines) };
}

function promptOf(lines: readonly string[]): Prompts {
  if (lines.some(line => DOLLAR.test(line))) return { prompt: DOLLAR };
  const isRootPrompt = lines.some(line => COMMAND.test(HASH.exec(line)?.[1] ?? ''));
  return { prompt: isRootPrompt && HASH.test(lines[0] ?? '') ? HASH : null };
}

function promptedSteps(lines: readonly string[], prompt: RegExp): TranscriptStep[] {
  const steps: TranscriptStep[] = [];
  for (let at = 0; at < lines.length; at++) {
    const found = prompt.exec(lines[at]!);
    const last = steps.at(-1);
    if (!found) {
      if (last) last.output += `${lines[at]}\n`;
      continue;
    }
    let command = found[1]!;
    while (isOpen(command) && at + 1 < lines.length && !prompt.test(lines[at + 1]!)) command += `\n${lines[++at]}`;
    steps.push({ command: withoutComment(command), output: '', isElsewhere: ELSEWHERE.test(command) });
  }
  return steps.map(step => ({ ...step, output: step.output.trimEnd() })).filter(step => step.command !== '');
}

const withoutComment = (command: string): string =>
  command
    .replace(/^([^'"\n]*?)\s+# .*$/, '$1')
    .replace(/\s+# [^'"\n]*$/, '')
    .trim();

function bareSteps(lines: readonly string[]): TranscriptStep[] {
  const steps: TranscriptStep[] = [];
  let isElsewhere = false;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    if (line.trim() === '' || line.trim().startsWith('#')) {
      if (line.trim() !== '') isElsewhere = ELSEWHERE.test(line);
      continue;
    }
    let command = line;
    while (isOpen(command) && at + 1 < lines.length) command += `\n${lines[++at]}`;
    if (withoutComment(command) !== '') steps.push({ command: withoutComment(command), output: '', isElsewhere });
  }
  return steps;
}

/** A command without a prompt, and what it prints below it; several commands when each line looks like one. */
function bareConsole(lines: readonly string[]): Transcript {
  const steps = bareSteps(lines);
  const areCommands = steps.every(({ command }) => COMMAND.test(command));
  if (areCommands) return { kind: 'steps', steps };
  const [first, ...rest] = lines;
  const output = rest.join('\n').trimEnd();
  return { kind: 'steps', steps: [{ command: withoutComment(first ?? ''), output, isElsewhere: false }] };
}
