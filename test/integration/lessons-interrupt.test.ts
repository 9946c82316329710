import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requires } from '../requires.js';

const program = fileURLToPath(new URL('../../kernel-gateway/lib/cli/bpflab.js', import.meta.url));
const INTERRUPTED = 130;

requires('vm')('a test of lessons that is interrupted', () => {
  let lessons: string;

  beforeAll(async () => {
    lessons = await mkdtemp(join(tmpdir(), 'bpflab-lessons-'));
    await mkdir(join(lessons, 'endless'));
    await writeFile(join(lessons, 'endless/README.md'), '# endless\n');
    await writeFile(
      join(lessons, 'endless/endless.bpf.c'),
      '#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\nchar LICENSE[] SEC("license") = "GPL";\n' +
        'SEC("tp/sched/sched_switch")\nint endless(void *ctx) { return 0; }\n'
    );
  });
  afterAll(() => rm(lessons, { recursive: true, force: true }));

  it.each(['Asking', 'Running'])('ends at once while it says "%s …"', { timeout: 120_000 }, async step => {
    const child = spawn(process.execPath, [program, 'lessons', 'test', '--kernel', '6.12', lessons], {
      stdio: ['ignore', 'ignore', 'pipe']
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (!said.includes(step) && `${said}${text}`.includes(step)) child.kill('SIGINT');
      said += text;
    });
    const status = await new Promise(resolve => child.on('close', resolve));
    expect([status, said]).toEqual([INTERRUPTED, expect.stringContaining('BPFLAB_CELL_INTERRUPTED')]);
    expect(said).not.toContain('endless/endless');
  });
});
