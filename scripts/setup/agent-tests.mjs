import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheRoot, removeTree } from '../../bpf/image/cache.mjs';
import { readInstalledFile } from '../../bpf/image/installed-file.mjs';
import { sandboxCommand } from '../../bpf/image/sandbox.mjs';
import { checkout } from './checkout.mjs';

/** How long libFuzzer runs on each of its inputs. */
const FUZZ_SECONDS = 60;
const FULL_FUZZ_SECONDS = 600;

/**
 * Runs the agent's own tests, plain and under the sanitizers, and its fuzzers, with the compiler of the lab image. As
 * root they use this machine's kernel; otherwise those that load programs are left out by the Makefile.
 *
 * @param {{ full: boolean }} options
 * @returns {Promise<{ name: string, passed: number, failed: number, skipped: number }>}
 */
export async function runAgentTests({ full }) {
  const total = { name: 'agent', passed: 0, failed: 0, skipped: 0 };
  const { tools, lab } = readInstalledFile(cacheRoot());
  if (!tools || !lab) return { ...total, failed: 1 };
  const out = mkdtempSync(join(tmpdir(), 'bpflab-agent-test-'));
  try {
    for (const target of ['test', 'asan', 'fuzz-run']) {
      const seconds = full ? FULL_FUZZ_SECONDS : FUZZ_SECONDS;
      const make = ['make', '-C', '/src', 'OUT=/mnt', 'FIXTURES=/opt/agent', `FUZZ_SECONDS=${seconds}`, target];
      const { status, text } = await runInLab({ toolsRoot: tools.root, image: lab.root, out }, make);
      const counts = countTests(text, status);
      total.passed += counts.passed;
      total.failed += counts.failed;
      total.skipped += counts.skipped;
    }
  } finally {
    removeTree(out);
  }
  return total;
}

/**
 * Sums "N passed, N failed[, N skipped]" lines; without any, the exit status is one test.
 *
 * @param {string} text
 * @param {number} status
 */
export function countTests(text, status) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  const lines = [...text.matchAll(/\b(\d+) passed, (\d+) failed(?:, (\d+) skipped)?/g)];
  for (const [, passed, failed, skipped = '0'] of lines) {
    sum.passed += Number(passed);
    sum.failed += Number(failed);
    sum.skipped += Number(skipped);
  }
  if (lines.length === 0 && status === 0) sum.passed = 1;
  if (status !== 0 && sum.failed === 0) sum.failed = 1;
  return sum;
}

/**
 * @param {{ toolsRoot: string, image: string, out: string }} place - out: writable, /mnt inside
 * @param {string[]} command
 * @returns {Promise<{ status: number, text: string }>} text: its stdout and stderr, which are shown as well
 */
function runInLab({ toolsRoot, image, out }, command) {
  const isRoot = process.geteuid?.() === 0;
  const [file = '', ...parameters] = sandboxCommand(
    toolsRoot,
    {
      image,
      readOnly: { [join(checkout, 'bpf/agent')]: '/src', [join(checkout, 'test/fixtures')]: '/opt' },
      binds: { [out]: '/mnt' },
      cwd: '/src',
      // Tests of a real kernel: as root they need its devices, /sys and all capabilities.
      ...(isRoot ? { privileged: true } : {})
    },
    command
  );
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', file, ...parameters], {
    stdio: ['ignore', 'pipe', 'pipe']
  });
  let text = '';
  for (const [stream, shown] of /** @type {const} */ ([
    [child.stdout, process.stdout],
    [child.stderr, process.stderr]
  ]))
    stream.on('data', (/** @type {Buffer} */ chunk) => {
      shown.write(chunk);
      text += chunk.toString();
    });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', status => resolve({ status: status ?? 1, text }));
  });
}
