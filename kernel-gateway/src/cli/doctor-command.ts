import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { connectAgent } from '../adapters/agent/connect-agent.js';
import { makeReport, reportText, type Check, type DoctorReport } from '../adapters/doctor/doctor-report.js';
import {
  checkAcceleration,
  checkBtf,
  checkDisk,
  checkImages,
  checkNode,
  checkUserNamespaces
} from '../adapters/doctor/machine-checks.js';
import { checkApt, checkDocker, checkKubernetes, checkNpm } from '../adapters/doctor/outside-checks.js';
import { checkPrograms } from '../adapters/doctor/program-checks.js';
import { createHostTarget } from '../adapters/host/host-target.js';
import { cacheRoot } from '../adapters/install/cache-root.js';
import { readInstalled, type Installed } from '../adapters/install/installed.js';
import { createToolchain } from '../adapters/toolchain/create-toolchain.js';
import { createVmTarget } from '../adapters/vm/vm-target.js';
import type { TargetProvider } from '../core/index.js';
import { AGENT_PROTOCOL_VERSION } from '../protocol/index.js';

/**
 * `bpflab doctor [--json]`: what this machine can do, what is missing and how to get it. Exit status 0 when everything
 * that is needed is there, else 1. `--json` prints a `DoctorReport` (adapters/doctor/doctor-report.ts).
 */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('says what this machine can do, what is missing and how to get it')
    .option('--json', 'as JSON')
    .action(async (options: { json?: true }) => {
      const report = await examine(cacheRoot());
      console.log(options.json ? JSON.stringify(report, null, 2) : reportText(report));
      process.exitCode = report.ready ? 0 : 1;
    });
}

async function examine(cache: string): Promise<DoctorReport> {
  const { installed, problem } = findInstalled(cache);
  const [machine, outside] = await Promise.all([
    Promise.all([
      checkDisk(cache, installed !== null),
      checkUserNamespaces(installed),
      checkAcceleration(installed, cache)
    ]),
    Promise.all([checkApt(), checkNpm(), checkDocker(), checkKubernetes()])
  ]);
  const programs = installed === null ? [] : await checkTargets(installed, cache);
  const here = [checkNode(), checkImages(installed, problem, cache), ...machine, checkBtf()];
  return makeReport([...here, ...programs, ...outside]);
}

function findInstalled(cache: string): { installed: Installed | null; problem: string } {
  try {
    return { installed: readInstalled(cache), problem: '' };
  } catch (error) {
    return { installed: null, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** One program of each type, in the virtual machine and, as root, on this machine's own kernel. */
async function checkTargets(installed: Installed, cache: string): Promise<Check[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bpflab-doctor-'));
  const toolchain = createToolchain(installed, cache);
  const vm = createVmTarget({ cacheRoot: cache, installed });
  try {
    const checks = [await checkPrograms({ target: 'vm', toolchain, folder, connect: () => connectTo(vm) })];
    if (process.getuid?.() === 0) {
      const host = createHostTarget({ agentPath: installed.agent.path });
      checks.push(await checkPrograms({ target: 'host', toolchain, folder, connect: () => connectTo(host) }));
    }
    return checks;
  } finally {
    await Promise.all([vm.close(), toolchain.close()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function connectTo(target: TargetProvider): ReturnType<typeof connectAgent> {
  const session = `doctor-${randomUUID().slice(0, 8)}`;
  const { signal } = new AbortController();
  const channel = await target.open({ session, kernel: null, signal, progress: text => console.error(text) });
  const hello = { protocol: AGENT_PROTOCOL_VERSION, session, after: '0', lease_s: 10 };
  if (target.name !== 'vm') return connectAgent(channel, hello);
  const realtime_ns = (BigInt(Date.now()) * 1_000_000n).toString();
  return connectAgent(channel, { ...hello, realtime_ns, entropy: randomBytes(32).toString('hex') });
}
