import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { SessionRecording } from '../../kernel-gateway/src/adapters/replay/session-recording.js';
import { createReplayTarget } from '../../kernel-gateway/src/adapters/replay/replay-target.js';
import type { VmTarget } from '../../kernel-gateway/src/adapters/vm/vm-target.js';
import type { AgentConnection } from '../../kernel-gateway/src/core/index.js';
import { requires } from '../requires.js';
import { isRunning, qemuBelow } from './running-qemu.js';
import { connectTo, lossOf, shell, vmTarget } from './vm-session.js';

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(file)) hash.update(bytes as Buffer);
  return hash.digest('hex');
}

/** Hashes of the template that a machine was restored from, as the sandbox's command line names it. */
async function templateHashes(qemu: number): Promise<Record<string, string>> {
  const sandbox = /\) \S (\d+)/.exec(readFileSync(`/proc/${qemu}/stat`, 'utf8'))?.[1] ?? '';
  const [folder] = /\/[^\0]*\/templates\/[0-9a-f]{16}/.exec(readFileSync(`/proc/${sandbox}/cmdline`, 'utf8')) ?? [];
  const files = ['memory', 'state'].map(file => path.join(folder ?? '', file));
  return Object.fromEntries(await Promise.all(files.map(async file => [file, await hashOf(file)] as const)));
}

requires('vm')('a restored virtual machine', () => {
  let target: VmTarget;
  const open: AgentConnection[] = [];
  const connect = async (session: string): Promise<AgentConnection> => {
    const connection = await connectTo(target, session);
    open.push(connection);
    return connection;
  };

  beforeAll(async () => {
    target = vmTarget();
    // The first one makes the template where there is none yet.
    await (await connectTo(target, 'first')).close();
  });
  afterEach(async () => {
    for (const connection of open.splice(0)) await connection.close();
  });
  afterAll(() => target.close());

  it('answers with the time of now and its own kernel', async () => {
    const { hello } = await connect('one');
    expect(hello.session).toBe('one');
    expect(hello.btf_id).not.toBe('');
    const lateMs = Date.now() - Number(BigInt(hello.realtime_ns) / 1_000_000n);
    expect(Math.abs(lateMs)).toBeLessThan(5000);
    expect(target.describe()).toContain(hello.kernel_release);
  });

  it('tells how its kernel was configured', async () => {
    const connection = await connect('one');
    const { config } = await connection.request('probe', { what: ['config'] });
    expect(config).toMatchObject({ CONFIG_BPF_SYSCALL: 'y', CONFIG_KPROBES: 'y' });
    const { stdout } = await shell(connection, 'grep -c ^CONFIG_BPF_SYSCALL=y "/boot/config-$(uname -r)"');
    expect(stdout).toBe('1\n');
  });

  it('shares nothing with another one', async () => {
    const [first, second] = await Promise.all([connect('one'), connect('two')]);
    await shell(first, 'echo secret > /tmp/mark; echo secret > /root/mark');
    expect((await shell(first, 'cat /tmp/mark /root/mark')).stdout).toBe('secret\nsecret\n');
    expect((await shell(second, 'cat /tmp/mark /root/mark')).status).not.toBe(0);
    const uuid = 'cat /proc/sys/kernel/random/uuid';
    expect((await shell(first, uuid)).stdout).not.toBe((await shell(second, uuid)).stdout);
  });

  it('has no way out to the network', async () => {
    const { status } = await shell(await connect('one'), 'ping -c 1 -W 1 10.0.2.2 && curl -m 1 http://10.0.2.2/');
    expect(status).not.toBe(0);
  });

  it('leaves its template as it was', async () => {
    const connection = await connect('one');
    const [qemu] = qemuBelow() as [number];
    const before = await templateHashes(qemu);
    await shell(connection, 'head -c 50000000 /dev/urandom > /tmp/noise; sync; echo 3 > /proc/sys/vm/drop_caches');
    expect(await templateHashes(qemu)).toEqual(before);
  });

  it('is gone when its connection was closed', async () => {
    const connection = await connectTo(target, 'one');
    const machines = qemuBelow();
    expect(machines.length).toBeGreaterThan(0);
    await connection.close();
    expect(machines.filter(isRunning)).toEqual([]);
  });

  it('says that QEMU was killed', async () => {
    const connection = await connect('one');
    const lost = lossOf(connection);
    for (const pid of qemuBelow()) process.kill(pid, 'SIGKILL');
    await expect(lost).resolves.toBe('QEMU was killed by signal 9');
    await expect(connection.request('stats', {})).rejects.toMatchObject({ code: 'BPFLAB_TARGET_LOST' });
  });

  it('says why its kernel panicked', async () => {
    const connection = await connect('one');
    const lost = lossOf(connection);
    const crash = shell(connection, 'echo c > /proc/sysrq-trigger');
    await expect(lost).resolves.toMatch(/panicked: "Kernel panic - not syncing: sysrq triggered crash"/);
    await expect(crash).rejects.toMatchObject({ code: 'BPFLAB_TARGET_LOST' });
  });

  it('starts from a spare one, which ends with the target', async () => {
    const withSpare = vmTarget({ keepSpare: true });
    const connection = await connectTo(withSpare, 'one');
    await connection.close();
    const again = await connectTo(withSpare, 'two');
    expect((await shell(again, 'echo here')).stdout).toBe('here\n');
    await again.close();
    await withSpare.close();
    expect(qemuBelow()).toEqual([]);
  });

  it('does not outlive a killed gateway', async () => {
    const script = fileURLToPath(new URL('open-target.mjs', import.meta.url));
    const gateway = spawn(process.execPath, [script, 'vm'], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(gateway.stdout, 'data');
    const machines = qemuBelow(gateway.pid);
    expect(machines.length).toBeGreaterThan(0);
    const gone = once(gateway, 'exit');
    gateway.kill('SIGKILL');
    await gone;
    await expect.poll(() => machines.filter(isRunning), { timeout: 2000, interval: 10 }).toEqual([]);
  });

  it('answers a second time from a recording of the first', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'recording-'));
    const file = path.join(folder, 'session');
    const work = async (connection: AgentConnection): Promise<unknown[]> => [
      connection.hello.boot_id,
      await shell(connection, 'uname -r; echo $$; date +%N; exit 3'),
      await shell(connection, 'head -c 300000 /dev/urandom | sha256sum')
    ];
    try {
      const onError = (error: Error): void => expect.unreachable(error.message);
      const recording = await SessionRecording.begin(file, { target: 'vm', first_run: 1 }, { replace: false, onError });
      const live = await connectTo(target, 'live', channel =>
        recording.wrap(channel, { target: 'vm', session: 'live' })
      );
      const seen = await work(live);
      await live.close();
      await recording.close();
      const replay = await connectTo(createReplayTarget({ file, speed: Infinity }), 'replayed');
      expect(await work(replay)).toEqual(seen);
      await replay.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
