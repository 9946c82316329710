import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readInstalled } from '../../kernel-gateway/src/adapters/install/installed.js';
import { placeFile } from '../../kernel-gateway/src/adapters/session/place-file.js';
import { runSandboxed } from '../../kernel-gateway/src/adapters/toolchain/run-sandboxed.js';
import type { VmTarget } from '../../kernel-gateway/src/adapters/vm/vm-target.js';
import type { AgentConnection } from '../../kernel-gateway/src/core/index.js';
import { requires } from '../requires.js';
import { connectTo, shell, vmTarget } from '../integration/vm-session.js';

const source = fileURLToPath(new URL('../../bpf/agent', import.meta.url));

/** The parts that ask most of a kernel; the others are about frames and processes, and run on the machine itself. */
const parts = ['test_attach', 'test_hooks', 'test_storages', 'test_network', 'test_policy'];

/** A part has up to 50 tests of a second or two each, and the machine may have other work. */
const TIMEOUT_MS = 600_000;

/** Compiles the test programs with the lab image's clang and packs them with the tests. */
async function packTests(folder: string): Promise<Buffer> {
  const { tools, lab } = readInstalled();
  const { status, errors } = await runSandboxed(
    { tools: tools.root, lab: lab.root },
    {
      mounts: [
        { from: source, to: '/src' },
        { from: folder, to: '/out', writable: true }
      ],
      argv: ['make', '-s', '-C', '/src', 'OUT=/out', 'programs']
    }
  );
  expect(errors, 'the test programs compile').toBe('');
  expect(status).toBe(0);
  const archive = path.join(folder, 'tests.tar');
  execFileSync('tar', ['-cf', archive, '-C', source, 'test', '-C', folder, 'progs']);
  return readFileSync(archive);
}

requires('vm')("the agent's own tests in the guest", () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'bpflab-guest-tests-'));
  let target: VmTarget;
  let connection: AgentConnection;

  beforeAll(async () => {
    target = vmTarget();
    connection = await connectTo(target, 'agent-tests');
    await placeFile(connection, { path: 'tests.tar', bytes: await packTests(folder), mode: 0o644 });
    // Another agent than the installed one, for those who work on it.
    const agent = process.env['BPFLAB_TEST_AGENT'];
    if (agent !== undefined) {
      await placeFile(connection, { path: 'agent', bytes: readFileSync(agent), mode: 0o755 });
    }
    const { status } = await shell(
      connection,
      'cd "$HOME" && tar -xf tests.tar && { [ -e agent ] || ln -s /usr/sbin/bpflab-agent agent; }'
    );
    expect(status).toBe(0);
  });
  afterAll(async () => {
    await connection.close();
    await target.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each((process.env['BPFLAB_TEST_PARTS'] ?? parts.join(',')).split(','))(
    'pass: %s',
    async part => {
      const { stdout, status } = await shell(
        connection,
        'export BPFLAB_AGENT="$HOME/agent" BPFLAB_TEST_OBJECTS="$HOME/progs" BPFLAB_TEST_TIMEOUT=60 ' +
          `PYTHONDONTWRITEBYTECODE=1; exec python3 test/run.py ${part} 2>&1`
      );
      if (process.env['BPFLAB_TEST_AGENT'] !== undefined) process.stdout.write(stdout);
      expect(status, stdout).toBe(0);
      // Debian's cloud kernel has every hook that they want.
      expect(stdout.split('\n').filter(line => line.startsWith('  skipped'))).toEqual([]);
    },
    TIMEOUT_MS
  );
});
