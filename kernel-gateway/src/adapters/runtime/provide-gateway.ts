/** Finds a gateway that runs, or starts one that ends by itself when nobody uses it. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LabError } from '../../protocol/index.js';
import { findGateway, runtimeFolder, type RunningGateway } from './running-gateway.js';

/** A gateway that was started for a kernel ends when it has had no kernel for this long. */
const IDLE_END = '60s';
const START_LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 50;

/** How a gateway is started. */
export interface GatewayProgram {
  /** Absolute folder of the code. */
  checkout: string;
  /** Path of the built command line. */
  program: string;
}

/**
 * A gateway of this code that answers. Of several who ask at once, one starts it and the others wait.
 *
 * @throws LabError BPFLAB_GATEWAY_START with what it printed, when it does not start
 */
export async function provideGateway(program: GatewayProgram): Promise<RunningGateway> {
  const folder = runtimeFolder();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = join(folder, 'start.lock');
  const deadline = performance.now() + START_LIMIT_MS;
  while (performance.now() < deadline) {
    const running = await findGateway(program.checkout);
    if (running) return running;
    if (takeLock(lock)) {
      try {
        return await startGateway(program, deadline);
      } finally {
        rmSync(lock, { force: true });
      }
    }
    await delay(LOOK_EVERY_MS);
  }
  throw new LabError(
    'BPFLAB_GATEWAY_START',
    'The gateway was not started — another process has been at it for a minute.'
  );
}

/** The file holds who starts; one whose process is gone is taken over. */
function takeLock(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx', mode: 0o600 });
    return true;
  } catch {
    if (isHeld(path)) return false;
    rmSync(path, { force: true });
    return false;
  }
}

function isHeld(path: string): boolean {
  try {
    process.kill(Number(readFileSync(path, 'utf8')) || process.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function startGateway({ checkout, program }: GatewayProgram, deadline: number): Promise<RunningGateway> {
  const log = join(runtimeFolder(), 'gateway.log');
  const output = openSync(log, 'w', 0o600);
  // It serves other kernels too, and so must not end with the front end that started this one.
  const child = spawn(process.execPath, [program, 'serve', '--port', '0', '--end-when-idle', IDLE_END], {
    detached: true,
    stdio: ['ignore', output, output]
  });
  closeSync(output);
  child.unref();
  let hasEnded = false;
  child.on('exit', () => (hasEnded = true));
  child.on('error', () => (hasEnded = true));
  while (!hasEnded && performance.now() < deadline) {
    const running = child.pid === undefined ? null : await findGateway(checkout, child.pid);
    if (running) return running;
    await delay(LOOK_EVERY_MS);
  }
  const message = hasEnded ? 'it ended at once' : `it did not answer within ${START_LIMIT_MS / 1000} s`;
  const details = readFileSync(log, 'utf8');
  throw new LabError('BPFLAB_GATEWAY_START', `The gateway was not started — ${message}.`, { details });
}
