import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { createHostTarget } from '../../kernel-gateway/src/adapters/host/host-target.js';
import { readInstalled } from '../../kernel-gateway/src/adapters/install/installed.js';
import type { AgentConnection, TargetProvider } from '../../kernel-gateway/src/core/index.js';
import { requires } from '../requires.js';
import { isRunning } from './running-qemu.js';
import { connectTo, lossOf, shell } from './vm-session.js';

/** Process ids of all agents that descend from a process. */
function agentsBelow(ancestor: number): number[] {
  const below = [ancestor];
  for (let at = 0; at < below.length; at++) {
    const children = readdirSync(`/proc/${below[at]}/task`).flatMap(task =>
      readFileSync(`/proc/${below[at]}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
    );
    below.push(...children);
  }
  return below.filter(pid => readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('bpflab-agent'));
}

requires('vm', 'bpf')('the agent on this machine', () => {
  const open: AgentConnection[] = [];
  const connect = async (): Promise<AgentConnection> => {
    const target: TargetProvider = createHostTarget({ agentPath: readInstalled().agent.path });
    const connection = await connectTo(target, 'host-test');
    open.push(connection);
    return connection;
  };
  afterEach(async () => {
    for (const connection of open.splice(0)) await connection.close();
  });

  it('runs on the kernel of this machine, without the environment of the gateway', async () => {
    process.env['BPFLAB_TOKEN_OF_TEST'] = 'secret';
    const connection = await connect();
    const release = readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim();
    expect(connection.hello.kernel_release).toBe(release);
    const { stdout } = await shell(connection, 'env');
    expect(stdout).toContain('PATH=');
    expect(stdout).not.toContain('secret');
  });

  it('is gone when its connection was closed', async () => {
    const connection = await connect();
    const agents = agentsBelow(process.pid);
    expect(agents).toContain(connection.hello.worker_pid);
    await connection.close();
    await expect.poll(() => agents.filter(isRunning), { timeout: 2000, interval: 10 }).toEqual([]);
  });

  it('says that its supervisor was killed', async () => {
    const connection = await connect();
    const lost = lossOf(connection);
    const supervisor = agentsBelow(process.pid).find(pid => pid !== connection.hello.worker_pid);
    process.kill(supervisor ?? -1, 'SIGKILL');
    await expect(lost).resolves.toMatch(/the agent was killed by SIGKILL/);
  });

  it('does not outlive a killed gateway', async () => {
    const script = fileURLToPath(new URL('open-target.mjs', import.meta.url));
    const gateway = spawn(process.execPath, [script, 'host'], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(gateway.stdout, 'data');
    const agents = agentsBelow(gateway.pid ?? -1);
    expect(agents.length).toBeGreaterThan(1);
    gateway.kill('SIGKILL');
    await expect.poll(() => agents.filter(isRunning), { timeout: 12_000, interval: 20 }).toEqual([]);
  });

  it('is for root alone', async () => {
    const uid = process.getuid;
    process.getuid = () => 1000;
    try {
      await expect(connect()).rejects.toMatchObject({ code: 'BPFLAB_TARGET_START' });
    } finally {
      if (uid) process.getuid = uid;
    }
  });
});
