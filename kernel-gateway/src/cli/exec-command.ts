import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { systemClock } from '../adapters/runtime/system-clock.js';
import { makeOwnFolder } from '../adapters/install/own-folder.js';
import { parseDuration } from '../core/cells/duration.js';
import type { KernelClient } from '../core/kernel/jupyter-message.js';
import { KernelCore } from '../core/kernel/kernel-core.js';
import { languageInfo } from '../core/kernel/kernel-info.js';
import { MessageFactory } from '../core/kernel/message-factory.js';
import { createLab, type Lab } from '../lab.js';
import { LabError } from '../protocol/index.js';
import { NotebookOutputs, type CodeCell, type Notebook } from './notebook-outputs.js';
import { errorStatus, ExitStatus } from './exit-status.js';

interface ExecOptions {
  output?: string;
  timeout?: number;
  target: string;
  kernel?: string;
  keepGoing?: true;
  inplace?: true;
}

const DEFAULT_TIMEOUT_MS = 120_000;

/** `bpflab exec NOTEBOOK`: executes a notebook headless through the same kernel; see docs/reference/cli.md. */
export function execCommand(): Command {
  return new Command('exec')
    .description('executes a notebook without a browser and writes it with its outputs')
    .argument('<notebook>', 'a file in Jupyter notebook format 4')
    .option('--output <file>', 'where to write; - is stdout; without it, NOTEBOOK.executed.ipynb beside it')
    .option('--inplace', 'writes into the notebook itself')
    .option('--timeout <duration>', 'interrupts a cell that takes longer (2m)', checkDuration)
    .option('--keep-going', 'goes on after a cell that failed')
    .option('--target <name>', 'vm, host, pod, pod:NODE or replay:FILE', 'vm')
    .option('--kernel <release>', 'kernel of the vm target')
    .action(async (notebook: string, options: ExecOptions) => {
      process.exitCode = await exec(resolve(notebook), options);
    });
}

async function exec(path: string, options: ExecOptions): Promise<number> {
  try {
    const notebook = await readNotebook(path);
    const lab = createLab({ target: options.target, kernel: options.kernel ?? null });
    try {
      const failed = await executeNotebook(lab, { path, notebook, options });
      await writeNotebook(notebook, outputPath(path, options));
      return failed;
    } finally {
      await lab.close();
    }
  } catch (error) {
    const status = errorStatus(error);
    const { code, message, hint } = error as LabError;
    console.error(`${code}: ${message}\n${hint}`);
    return status;
  }
}

function outputPath(path: string, options: ExecOptions): string {
  if (options.output !== undefined) {
    return options.output === '-' ? '-' : resolve(options.output);
  }
  return options.inplace === true ? path : path.replace(/(\.ipynb)?$/, '.executed.ipynb');
}

async function readNotebook(path: string): Promise<Notebook> {
  try {
    const notebook = JSON.parse(await readFile(path, 'utf8')) as Notebook;
    if (notebook.nbformat !== 4 || !Array.isArray(notebook.cells)) {
      throw new Error('it is not in notebook format 4');
    }
    return notebook;
  } catch (error) {
    throw new LabError('BPFLAB_CONFIG_OPTION', `Cannot read the notebook ${path} — ${(error as Error).message}.`);
  }
}

async function writeNotebook(notebook: Notebook, path: string): Promise<void> {
  notebook.metadata = {
    ...notebook.metadata,
    language_info: { ...languageInfo },
    kernelspec: { name: 'bpflab', display_name: 'eBPF (bpflab)', language: 'c' }
  };
  const text = `${JSON.stringify(notebook, null, 1)}\n`;
  if (path === '-') {
    process.stdout.write(text);
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.part`, text);
  await rename(`${path}.part`, path);
}

async function executeNotebook(
  lab: Lab,
  run: { path: string; notebook: Notebook; options: ExecOptions }
): Promise<number> {
  const id = `exec-${process.pid}`;
  const folder = await makeOwnFolder('exec');
  const place = { root: dirname(run.path), path: basename(run.path) };
  const session = lab.newSession({ id, folder, notebook: () => place });
  const outputs = new NotebookOutputs(run.notebook);
  const core = new KernelCore(session, {
    clock: systemClock,
    publish: message => outputs.take(message),
    onShutdownRequest: () => undefined,
    version: '0'
  });
  const requests = new MessageFactory(systemClock);
  const kernel = { core, requests, outputs, isInterrupted: false };
  const onSignal = (): void => {
    kernel.isInterrupted = true;
    core.interrupt();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    return await executeCells(kernel, run);
  } finally {
    await core.end();
    await rm(folder, { recursive: true, force: true });
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

interface Headless {
  core: KernelCore;
  requests: MessageFactory;
  outputs: NotebookOutputs;
  isInterrupted: boolean;
}

async function executeCells(
  kernel: Headless,
  { notebook, options }: { notebook: Notebook; options: ExecOptions }
): Promise<number> {
  let status: number = ExitStatus.ok;
  for (const [index, cell] of notebook.cells.entries()) {
    if (cell.cell_type !== 'code' || textOf(cell).trim() === '') {
      continue;
    }
    const ename = await executeCell(kernel, cell, options.timeout ?? DEFAULT_TIMEOUT_MS);
    if (kernel.isInterrupted) {
      return ExitStatus.interrupted;
    }
    const isExpected = cell.metadata.tags?.includes('raises-exception') === true;
    if (ename !== '' && !isExpected) {
      console.error(`cell ${index + 1} failed: ${ename}`);
      status =
        ename.startsWith('BPFLAB_TARGET') || ename.startsWith('BPFLAB_IMAGE') ? ExitStatus.target : ExitStatus.failed;
      if (options.keepGoing !== true) {
        return status;
      }
    }
  }
  return status;
}

/** Resolves with the error's name, empty when the cell succeeded. */
async function executeCell(kernel: Headless, cell: CodeCell, timeoutMs: number): Promise<string> {
  const { core, requests, outputs } = kernel;
  const message = requests.make('shell', 'execute_request', null, {
    content: { code: textOf(cell), silent: false, store_history: true, stop_on_error: false },
    metadata: { ...cell.metadata, cellId: cell.id ?? '' }
  });
  outputs.begin(cell, message.header.msg_id);
  const timer = setTimeout(() => core.interrupt(), timeoutMs);
  const reply = await new Promise<Record<string, unknown>>(resolve => {
    const client: KernelClient = { send: answer => resolve(answer.content) };
    core.handle(message, client);
  });
  clearTimeout(timer);
  cell.execution_count = Number(reply['execution_count'] ?? 0);
  return reply['status'] === 'error' ? String(reply['ename']) : '';
}

function textOf(cell: Notebook['cells'][number]): string {
  return Array.isArray(cell.source) ? cell.source.join('') : cell.source;
}

function checkDuration(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) {
    throw new InvalidArgumentError('It must be a duration such as 500ms, 30s or 2m.');
  }
  return ms;
}
