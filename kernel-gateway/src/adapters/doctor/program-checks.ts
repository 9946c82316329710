import type { AgentConnection, Toolchain } from '../../core/index.js';
import { putContent } from '../session/place-file.js';
import type { Check } from './doctor-report.js';
import { programTrials, type ProgramTrial } from './program-types.js';

/** What the trials need. */
export interface ProgramCheckOptions {
  /** `vm` or `host`. */
  target: 'vm' | 'host';
  toolchain: Toolchain;
  /** Folder that the compiler may write into. */
  folder: string;
  connect: () => Promise<AgentConnection>;
}

/** Loads one program of each type on a target, one after the other, and attaches those that do no harm. */
export async function checkPrograms(options: ProgramCheckOptions): Promise<Check> {
  const { target } = options;
  const base = {
    id: `programs_${target}`,
    title: target === 'vm' ? 'Programs in the virtual machine' : 'Programs on this machine',
    needed: target === 'vm'
  };
  let connection: AgentConnection;
  try {
    connection = await options.connect();
  } catch (error) {
    const summary = messageOf(error);
    const remedy = target === 'vm' ? 'Run npm start once; when it fails again, report the message.' : '';
    return { ...base, state: 'missing', summary, remedy, facts: {} };
  }
  const facts = { kernel_release: connection.hello.kernel_release, btf: connection.hello.btf_id !== '' };
  try {
    const results: [string, string][] = [];
    for (const trial of programTrials) results.push([trial.name, await tryProgram(trial, connection, options)]);
    return { ...base, ...verdict(results, facts) };
  } finally {
    await connection.close();
  }
}

function verdict(
  results: [string, string][],
  facts: { kernel_release: string; btf: boolean }
): Pick<Check, 'state' | 'summary' | 'remedy' | 'facts'> {
  const refused = results.filter(([, outcome]) => outcome !== 'ok');
  const worked = results.length - refused.length;
  const names = refused.map(([name]) => name).join(', ');
  return {
    state: refused.length === 0 ? 'ok' : worked === 0 ? 'missing' : 'limited',
    summary:
      `kernel ${facts.kernel_release}, ${facts.btf ? 'with' : 'without'} BTF: ${worked} of ${results.length} program types ` +
      `${refused.length === 0 ? 'work' : `work, not ${names}`}.`,
    remedy: '',
    facts: { ...facts, programs: Object.fromEntries(results) }
  };
}

/** "ok", or why not in one sentence. */
async function tryProgram(
  trial: ProgramTrial,
  connection: AgentConnection,
  { toolchain, folder }: ProgramCheckOptions
): Promise<string> {
  const run = `doctor-${trial.name.replaceAll('_', '-')}`;
  try {
    const { signal } = new AbortController();
    const request = { name: trial.name, body: trial.text, bodyLine: 1, pristine: true, sessionFolder: folder };
    const kernel = connection.hello.kernel_release;
    const outcome = await toolchain.compileBpf({ ...request, kernel }, signal);
    if (outcome.kind !== 'built') return `it does not compile: ${outcome.items[0]?.message ?? ''}`;
    const { loadable, sha256 } = outcome.build;
    await putContent(connection, loadable, sha256);
    const log_stream = connection.newStream();
    connection.onStream(log_stream, { data: () => undefined, end: () => undefined });
    const fields = { run, sha256, object_name: trial.name, programs: {}, globals: [], maps: {}, log_stream };
    const { programs } = await connection.request('load', fields);
    const [first] = programs;
    if (trial.attach && first) await connection.request('attach', { run, program: first.name, options: {} });
    return 'ok';
  } catch (error) {
    return messageOf(error);
  } finally {
    // A program that was not loaded has no run to end.
    await connection.request('stop', { run }).catch(() => undefined);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
