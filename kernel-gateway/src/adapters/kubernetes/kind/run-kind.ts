import { spawn } from 'node:child_process';
import { LabError } from '../../../protocol/index.js';

/** How to call kind and Docker. */
export interface KindPrograms {
  /** Variables for them; PATH says where they are. */
  env: NodeJS.ProcessEnv;
  progress: (text: string) => void;
}

/** One call. */
export interface KindCall {
  command: 'kind' | 'docker';
  words: string[];
  /** For its standard input. */
  input?: string;
  /** Hears each line that it writes to its standard error, as it comes. */
  onLine?: (line: string) => void;
}

/** Lines of a failed call that the error shows: kind prints the cause at the end. */
const SHOWN_LINES = 60;

/**
 * Runs one of them to its end, and gives what it printed. It ends with us, however we end.
 *
 * @throws LabError BPFLAB_KIND_MISSING, BPFLAB_KIND_FAILED
 */
export function runKind({ env }: KindPrograms, { command, words, input = '', onLine }: KindCall): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', command, ...words], { env, stdio: 'pipe' });
    let printed = '';
    let rest = '';
    const lines: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) onLine?.(line);
      lines.push(...parts);
    });
    // A program that ends before it has read all input is judged by its exit status.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.on('error', error => reject(failed(command, words, [error.message])));
    child.on('close', status => {
      if (status === 0) resolve(printed);
      else if (status === 127) reject(missing(command));
      else reject(failed(command, words, [...lines, rest]));
    });
  });
}

/**
 * Sees that both are there and that Docker's engine answers.
 *
 * @throws LabError BPFLAB_KIND_MISSING
 */
export async function checkKind(programs: KindPrograms): Promise<void> {
  await runKind(programs, { command: 'kind', words: ['version'] });
  try {
    await runKind(programs, { command: 'docker', words: ['version', '--format', '{{.Server.Version}}'] });
  } catch (error) {
    if (error instanceof LabError && error.code === 'BPFLAB_KIND_FAILED')
      throw new LabError('BPFLAB_KIND_MISSING', `Docker's engine does not answer — ${lastLine(error)}.`, {
        cause: error
      });
    throw error;
  }
}

function missing(command: string): LabError {
  const name = command === 'kind' ? 'kind' : 'Docker';
  return new LabError('BPFLAB_KIND_MISSING', `${name} is not installed: there is no program "${command}".`);
}

function failed(command: string, words: string[], lines: string[]): LabError {
  const said = lines.map(line => line.trim()).filter(line => line !== '');
  const cause = said.find(line => /^(ERROR|error|Error)/.test(line)) ?? said.at(-1) ?? 'it said nothing';
  const what = [command, ...words.slice(0, 2)].join(' ');
  const text = cause.replace(/^(ERROR|error|Error)[^:]*: /, '').replace(/\.$/, '');
  return new LabError('BPFLAB_KIND_FAILED', `${what} failed — ${text}.`, {
    details: said.slice(-SHOWN_LINES).join('\n')
  });
}

function lastLine(error: LabError): string {
  return error.message.replace(/^.* — /, '').replace(/\.$/, '');
}
