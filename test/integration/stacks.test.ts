import { expect, it } from 'vitest';
import type { StackProfile } from '../../kernel-gateway/src/protocol/index.js';
import { stackProfiler } from '../fixtures/stack-profiler.js';
import type { LabFixture } from './lab-fixture.js';
import { onEachTarget } from './on-each-target.js';

const profiler = stackProfiler('bur');

/** Works in a function whose name is seen, and reads, so that the kernel has stacks too; for ever. */
const burner = `%%user burner --bg
#include <fcntl.h>
#include <unistd.h>
#include <sys/prctl.h>

static volatile unsigned long sum;

__attribute__((noinline)) void burn_in_here(void)
{
    for (unsigned long i = 0; i < 3000000; i++)
        sum += i;
}

int main(void)
{
    char block[65536];
    int zero = open("/dev/zero", O_RDONLY);

    prctl(PR_SET_NAME, "burner");
    for (;;) {
        burn_in_here();
        for (int i = 0; i < 200; i++)
            if (read(zero, block, sizeof(block)) < 0)
                return 1;
    }
}
`;

onEachTarget('stacks', open => {
  let cells: LabFixture;

  const profile = (): StackProfile | undefined => cells.view('counts').snapshot.stacks;
  const names = (kind: string): Set<string> =>
    new Set((profile()?.frames ?? []).filter(frame => frame.kind === kind && frame.is_known).map(frame => frame.name));

  it('names the functions of the kernel and of a program, by process', async () => {
    cells = open();
    await cells.ok(burner);
    await cells.ok(profiler);
    expect(cells.view('counts')).toMatchObject({ kind: 'stacks', alternatives: ['map'] });
    await cells.until(() => names('user').has('burn_in_here') && [...names('kernel')].some(name => /read/.test(name)));
    expect([...names('process')]).toEqual(['burner']);
    const shown = profile();
    const total = (shown?.stacks ?? []).reduce((sum, stack) => sum + BigInt(stack.count), 0n);
    expect(total + BigInt(shown?.omitted.count ?? 0)).toBe(BigInt(shown?.total ?? -1));
    // The process stands at the foot, its functions on it, the kernel's on top.
    const order = { process: 0, user: 1, kernel: 2 };
    for (const stack of shown?.stacks ?? []) {
      const kinds = stack.frames.map(number => order[shown?.frames[number]?.kind ?? 'process']);
      expect(kinds).toEqual([...kinds].sort((a, b) => a - b));
    }
    expect(cells.displayOf('counts')['text/plain']).toMatch(/samples +share +stack/);
    expect(cells.displayOf('counts')['text/plain']).toContain('burn_in_here');
    // The plain map is there too.
    expect(cells.rows('counts')[0]).toMatchObject({ comm: 'burner' });
  });
});
