import { readFile, rm } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import { installedReleases } from '../adapters/install/installed-releases.js';
import { makeOwnFolder } from '../adapters/install/own-folder.js';
import type { LabSession } from '../adapters/session/lab-session.js';
import { parseCell } from '../core/cells/parse-cell.js';
import { parseDuration } from '../core/cells/duration.js';
import { quoteWord } from '../core/cells/split-words.js';
import type { CellInput, CellOutcome, CellOutput, CellSpec } from '../core/index.js';
import { createLab, type Lab } from '../lab.js';
import { LabError, Mime } from '../protocol/index.js';
import { errorStatus, ExitStatus, outcomeStatus } from './exit-status.js';
import { jsonOutput } from './json-output.js';
import type { RunOutput } from './run-output.js';
import { sortFiles, type RunFiles } from './run-files.js';
import { runOnKernels } from './run-on-kernels.js';
import { textOutput } from './text-output.js';
import { ViewPrinter } from './view-printer.js';

interface RunCommandOptions {
  for?: string;
  events?: number;
  set: string[];
  attach: string[];
  attachTarget: string[];
  type: string[];
  only: string[];
  ifname?: string;
  cgroup?: string;
  pid?: string;
  json?: true;
  target: string;
  kernel?: string;
  record?: string;
  pristine?: true;
  args?: string;
}

/** `bpflab run FILE…`: runs a program without a notebook; see docs/reference/cli.md. */
export function runCommand(): Command {
  const several = (value: string, before: string[]): string[] => [...before, value];
  return new Command('run')
    .description('runs a BPF program and prints its events and maps')
    .argument('<file...>', 'X.bpf.c, with headers beside it; X.c: its user-space program; or a script X.bt, X.sh')
    .option('--for <duration>', 'ends after that time, such as 500ms or 3s', checkDuration)
    .option('--events <n>', 'ends after so many events', checkCount)
    .option('--set <name=value>', 'initial value of a global variable', several, [])
    .option('--attach <prog:key=value>', 'attach options of one program', several, [])
    .option('--type <map=type>', 'record type of a ring or perf buffer', several, [])
    .option('--attach-target <[prog=]target>', 'program of a file before, for freplace, fentry, fexit', several, [])
    .option('--only <prog>', 'loads and attaches only this program', several, [])
    .option('--ifname <interface>', 'network interface for xdp, tc and socket programs')
    .option('--cgroup <path>', 'control group for cgroup programs')
    .option('--pid <pid>', 'process for uprobe, usdt and perf_event programs')
    .option('--target <name>', 'vm, host, pod, pod:NODE or replay:FILE', 'vm')
    .option(
      '--kernel <release>',
      'kernel of the vm target, as in "bpflab kernel list", or all: a table that compares them'
    )
    .option('--record <file>', 'records the session for the replay target')
    .option('--pristine', 'compiles the text as it is')
    .option('--args <words>', 'words for the user-space program or the script')
    .option('--json', 'prints JSON lines')
    .action(async (files: string[], options: RunCommandOptions) => {
      process.exitCode = await run(files, options);
    });
}

async function run(files: string[], options: RunCommandOptions): Promise<number> {
  const write = (text: string): void => void process.stdout.write(text);
  const writeError = (text: string): void => void process.stderr.write(text);
  const output = options.json === true ? jsonOutput(write) : textOutput(write, writeError);
  // A reader that has gone (`| head`) ends the run as Ctrl-C does.
  const ends = new AbortController();
  process.stdout.on('error', () => ends.abort());
  try {
    const sorted = await sortFiles(files);
    return options.kernel === 'all'
      ? await runOnAll(sorted, options, ends)
      : await runFiles(sorted, options, { output, ends });
  } catch (error) {
    const status = errorStatus(error);
    output.outcome({ kind: 'failed', ...pick(error as LabError) });
    return status;
  }
}

/** A run that goes on until Ctrl-C would never come to the next kernel. */
function runOnAll(files: RunFiles, options: RunCommandOptions, ends: AbortController): Promise<number> {
  if (options.for === undefined && options.events === undefined) {
    throw new LabError('BPFLAB_CONFIG_OPTION', '--kernel all needs an end for each run: --for or --events.');
  }
  return runOnKernels(installedReleases(), { isJson: options.json === true, signal: ends.signal }, (kernel, output) =>
    runFiles(files, { ...options, kernel }, { output, ends })
  );
}

function pick({ code, message, hint, details }: LabError): Omit<Extract<CellOutcome, { kind: 'failed' }>, 'kind'> {
  return { code, message, hint, details };
}

async function runFiles(
  files: RunFiles,
  options: RunCommandOptions,
  world: { output: RunOutput; ends: AbortController }
): Promise<number> {
  const lab = createLab({
    target: options.target,
    kernel: options.kernel ?? null,
    recordFile: options.record ?? null
  });
  const folder = await makeOwnFolder('run');
  const session = lab.newSession({ id: `run-${process.pid}`, folder });
  const onEnd = (): void => session.interrupt();
  process.on('SIGINT', onEnd);
  process.on('SIGTERM', onEnd);
  world.ends.signal.addEventListener('abort', onEnd);
  try {
    return await runSession(session, files, { ...world, options });
  } finally {
    // What nobody has read must not keep us.
    process.stdin.destroy();
    // Until all is gone: a second Ctrl-C must not leave programs behind.
    await endLab(lab, folder);
    process.off('SIGINT', onEnd);
    process.off('SIGTERM', onEnd);
  }
}

async function endLab(lab: Lab, folder: string): Promise<void> {
  await lab.close();
  await rm(folder, { recursive: true, force: true });
}

async function runSession(
  session: LabSession,
  files: RunFiles,
  world: { output: RunOutput; options: RunCommandOptions }
): Promise<number> {
  const { output, options } = world;
  const printer = new ViewPrinter(output, options.events ?? null);
  session.observe(printer);
  const show = output.cellOutput.bind(output);
  for (const file of files.placed) {
    const spec: CellSpec = { kind: 'file', path: file.name, body: await readFile(file.path, 'utf8'), bodyLine: 1 };
    await session.executeSpec(spec, { cellId: file.name }, () => undefined);
  }
  let status: number = ExitStatus.ok;
  for (const [index, file] of files.programs.entries()) {
    // The first file has none before it that a program of its own could be for.
    const spec = await cellOf(file, index === 0 ? { ...options, attachTarget: [] } : options);
    const isForSkeleton = spec.kind === 'bpf' && files.programs.some(other => other.kind === 'user');
    const isLast = index === files.programs.length - 1;
    const outcome = isForSkeleton
      ? await session.buildSkeleton(spec, show)
      : await session.executeSpec(
          isLast ? waiting(spec, options) : spec,
          { cellId: file.path, ...inputOf(spec) },
          cellOutput => {
            show(cellOutput);
            const run = session.runs().at(-1);
            // The first showing of a card is the moment at which its programs are attached.
            if (run !== undefined && isFirstCard(cellOutput)) {
              output.started(run);
            }
          }
        );
    status = outcomeStatus(outcome);
    if (outcome.kind === 'failed') {
      output.outcome(outcome);
      break;
    }
  }
  printer.printMaps();
  for (const run of session.runs()) {
    if (run.isShown) {
      output.ended(run, printer.losses());
    }
  }
  return status;
}

/** A program or script has the terminal's input, or what is piped into the command, as if it ran by itself. */
function inputOf(spec: CellSpec): { input?: CellInput } {
  return spec.kind === 'user' || spec.kind === 'sh' ? { input: { kind: 'stream', chunks: process.stdin } } : {};
}

function isFirstCard(output: CellOutput): boolean {
  return output.kind === 'display' && !output.update && Mime.run in output.data;
}

/** Without an end of its own a run goes on until Ctrl-C. */
function waiting(spec: CellSpec, options: RunCommandOptions): CellSpec {
  const isEnding = options.for !== undefined || options.events !== undefined;
  return spec.kind === 'bpf' || spec.kind === 'bpftrace'
    ? { ...spec, options: { ...spec.options, wait: !isEnding } }
    : spec;
}

/** The cell that a notebook would have for the file, with the file's own line numbers. */
async function cellOf(file: RunFiles['programs'][number], options: RunCommandOptions): Promise<CellSpec> {
  const line = `%%${file.kind} ${magicWords(file, options).map(quoteWord).join(' ')}\n`;
  const spec = parseCell(line);
  if (spec.kind === 'invalid') {
    throw spec.error;
  }
  const body = await readFile(file.path, 'utf8');
  return 'body' in spec ? { ...spec, body, bodyLine: 1 } : spec;
}

function magicWords(file: RunFiles['programs'][number], options: RunCommandOptions): string[] {
  const words: string[] = file.kind === 'sh' ? [] : [file.name];
  const add = (name: string, values: readonly (string | undefined)[]): void => {
    for (const value of values) {
      if (value !== undefined) {
        words.push(`--${name}=${value}`);
      }
    }
  };
  add('for', [options.for]);
  add('events', [options.events === undefined ? undefined : String(options.events)]);
  if (file.kind === 'bpf') {
    add('set', options.set);
    add('attach', options.attach);
    add('attach-target', options.attachTarget);
    add('type', options.type);
    add('only', options.only);
    add('ifname', [options.ifname]);
    add('cgroup', [options.cgroup]);
    add('pid', [options.pid]);
    words.push(...(options.pristine === true ? ['--pristine'] : []));
  }
  const takesArgs = file.kind === 'user' || file.kind === 'bpftrace';
  return takesArgs && options.args !== undefined ? [...words, '--', ...options.args.split(/\s+/)] : words;
}

function checkDuration(text: string): string {
  if (parseDuration(text) === null) {
    throw new InvalidArgumentError('It must be a duration such as 500ms, 3s or 2m.');
  }
  return text;
}

function checkCount(text: string): number {
  if (!/^[1-9]\d{0,11}$/.test(text)) {
    throw new InvalidArgumentError('It must be a number from 1.');
  }
  return Number(text);
}
