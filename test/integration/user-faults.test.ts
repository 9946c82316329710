/** User programs that behave badly, and agents that are killed: each a clear outcome, and the session goes on. */
import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import type { LabFixture } from './lab-fixture.js';
import { onEachTarget } from './on-each-target.js';
import { hello } from './programs.js';

const RSS_GROWTH_MIB = 150;
const GIB = 2 ** 30;

const program = (body: string, options = ''): string => `%%user bad ${options}
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(void)
{
${body}
}
`;

const FORKS = `	for (int i = 0; i < 20; i++)
		if (fork() == 0) {
			setsid();
			signal(SIGINT, SIG_IGN);
			signal(SIGTERM, SIG_IGN);
			execlp("sleep", "sleep", "5353", NULL);
		}
	puts("forked");
	pause();
	return 0;`;
const STUBBORN = `	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	puts("deaf");
	for (;;)
		;`;
const FLOOD = `	static char block[65536];
	memset(block, 'x', sizeof(block));
	for (int i = 0; i < 16384; i++)
		if (write(1, block, sizeof(block)) < 0)
			return 3;
	puts("\\nthe end");
	return 0;`;
const BINARY = `	for (int i = 0; i < 256; i++)
		putchar(i);
	puts("\\x1b[31mred\\x1b[0m");
	return 0;`;
const CRASHES = `	puts("before");
	*(volatile int *)0 = 1;
	return 0;`;

onEachTarget('user programs that behave badly', (open, target) => {
  /** Runs a cell and interrupts it when it has printed `word`. */
  async function interruptAfter(cells: LabFixture, word: string, text: string): Promise<string> {
    const outputs: string[] = [];
    const { kind } = await cells.session.execute({ text, cellId: 'interrupted' }, output => {
      if (output.kind !== 'stream') return;
      outputs.push(output.text);
      if (outputs.join('').includes(word)) cells.session.interrupt();
    });
    return kind;
  }

  it('ends one that forks, with all its children, at Stop', async () => {
    const cells = open();
    await cells.ok(program(FORKS, '--bg'));
    await cells.until(() => cells.hasView('output') && cells.rows('output').some(row => row['line'] === 'forked'));
    await cells.ok('%stop');
    expect(cells.card('bad').state).toBe('stopped');
    expect((await cells.run('%%sh\npgrep -fc "[s]leep 5353" || true')).stdout.trim()).toBe('0');
  });

  it('ends one that ignores signals and never ends, at an interrupt and after --for', async () => {
    const cells = open();
    expect(await interruptAfter(cells, 'deaf', program(STUBBORN))).toBe('interrupted');
    await cells.ok(program(STUBBORN, '--for 500ms'));
    expect(cells.card('bad')).toMatchObject({ state: 'stopped', reason: 'its time was over' });
    expect((await cells.ok('%%sh\necho fine')).stdout).toBe('fine\n');
  });

  it('keeps head and end of 1 GB of output, and counts the rest', async () => {
    const cells = open();
    const before = process.memoryUsage().rss;
    const { stdout } = await cells.ok(program(FLOOD));
    expect(stdout.length).toBeLessThan(1_200_000);
    const omitted = Number(/\[… (\d+) more characters of stdout are not shown …\]/.exec(stdout)?.[1]);
    const shown = stdout.replace(/\n\[… \d+ more characters of stdout are not shown …\]\n/, '');
    expect(shown.length + omitted).toBe(GIB + '\nthe end\n'.length);
    expect(stdout.endsWith('\nthe end\n')).toBe(true);
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(RSS_GROWTH_MIB);
  });

  it('shows binary output as pictures, and keeps colors', async () => {
    const cells = open();
    const { stdout } = await cells.ok(program(BINARY));
    expect(stdout).toContain('␀␁␂');
    expect(stdout).toContain('\u001b[31mred\u001b[0m');
    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    expect(stdout).not.toMatch(/[\u0000-\u0007]/);
  });

  it('says which signal ended one that crashes', async () => {
    const cells = open();
    const { outcome, stdout } = await cells.run(program(CRASHES));
    expect(stdout).toBe('before\n');
    expect(outcome).toMatchObject({
      kind: 'failed',
      code: 'BPFLAB_CELL_COMMAND_FAILED',
      message: expect.stringContaining('signal 11') as string
    });
  });

  it.each(['worker', 'supervisor'])('says that its agent was lost when the %s is killed, and goes on', async which => {
    const cells = open();
    await cells.ok(hello);
    const connection = await cells.session.connection();
    const lost = new Promise<string>(resolve => connection.onClose(resolve));
    const { worker_pid: worker } = connection.hello;
    const find = which === 'worker' ? `echo ${worker}` : `awk '{print $4}' /proc/${worker}/stat`;
    if (target === 'host') {
      const pid = Number(execFileSync('sh', ['-c', find], { encoding: 'utf8' }));
      process.kill(pid, 'SIGKILL');
    } else {
      const { outcome } = await cells.run(`%%sh\nkill -KILL $(${find}); sleep 20`);
      expect(outcome).toMatchObject({ kind: 'failed', code: 'BPFLAB_TARGET_LOST' });
    }
    await lost;
    expect(cells.card('hello').state).toBe('lost');
    const next = await cells.ok(hello);
    expect(next.stderr).toContain(`The ${target} target was lost`);
    expect(cells.card('hello').state).toBe('attached');
  });
});
