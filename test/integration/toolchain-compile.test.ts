import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cacheRoot } from '../../kernel-gateway/src/adapters/install/cache-root.js';
import { readInstalled } from '../../kernel-gateway/src/adapters/install/installed.js';
import { createToolchain } from '../../kernel-gateway/src/adapters/toolchain/create-toolchain.js';
import type { Build, CompileFailure, CompileRequest, Toolchain } from '../../kernel-gateway/src/core/index.js';
import { readObject } from '../../kernel-gateway/src/core/object/read-object.js';
import { LOST_SECTION } from '../../kernel-gateway/src/core/instrument/instrument.js';
import { printkTagWrites } from '../../kernel-gateway/src/core/instrument/printk-tag.js';
import { requires } from '../requires.js';

const HEAD = `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";
`;
const SMALL = `${HEAD}
struct event { int pid; char comm[16]; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");

SEC("tp/sched/sched_process_exec")
int on_exec(struct trace_event_raw_sched_process_exec *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);

	if (!e)
		return 0;
	e->pid = BPF_CORE_READ(task, real_parent, tgid);
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	bpf_ringbuf_submit(e, 0);
	bpf_printk("%d %d %d %d", e->pid, 1, 2, 3);
	return 0;
}
`;

let folder: string;
let cache: string;
let toolchain: Toolchain;
const idle = new AbortController().signal;

const isInstalled = (): boolean => {
  try {
    return readInstalled(cacheRoot()).version === 1;
  } catch {
    return false;
  }
};

/** The images of the real cache, builds and headers of this test alone. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bpflab-toolchain-'));
  cache = join(folder, 'cache');
  if (isInstalled()) toolchain = createToolchain(readInstalled(cacheRoot()), cache);
});

afterAll(async () => {
  await (toolchain as Toolchain | undefined)?.close();
  await rm(folder, { recursive: true, force: true });
});

const request = (body: string, more: Partial<CompileRequest> = {}): CompileRequest => ({
  name: 'probe',
  body,
  bodyLine: 1,
  pristine: false,
  sessionFolder: join(folder, 'session'),
  ...more
});

async function build(body: string, more: Partial<CompileRequest> = {}): Promise<Build> {
  const outcome = await toolchain.compileBpf(request(body, more), idle);
  if (outcome.kind !== 'built') throw new Error(outcome.raw);
  return outcome.build;
}

async function refuse(body: string, more: Partial<CompileRequest> = {}): Promise<CompileFailure> {
  const outcome = await toolchain.compileBpf(request(body, more), idle);
  if (outcome.kind === 'built') throw new Error('the compiler took it');
  return outcome;
}

const places = (failure: CompileFailure): string[] =>
  failure.items
    .filter(item => item.severity === 'error')
    .map(item => `${item.file}:${item.line}:${item.column} ${item.message}`);

requires('vm')('compileBpf', () => {
  it('makes an object whose lines are the lines of the cell, with what was added to be seen', async () => {
    const made = await build(SMALL, { bodyLine: 3 });
    const object = readObject(made.object);
    const program = object.programs[0];
    const lines = SMALL.split('\n');
    expect(program).toMatchObject({ name: 'on_exec', section: 'tp/sched/sched_process_exec' });
    for (const { line, text } of program?.lines ?? []) expect(text.trim()).toBe(lines[line - 3]?.trim());
    expect(object.maps.find(map => map.name === 'events')?.records).toHaveLength(1);
    expect(object.globals.some(global => global.section === LOST_SECTION)).toBe(true);
    expect(printkTagWrites(object, 0xabc)).toHaveLength(1);
    expect(made.added).toContain('bpf_ringbuf_reserve');
    expect(made.loadable.length).toBeLessThan(made.object.length / 2);
    expect(readObject(made.loadable).programs[0]?.lines.length).toBe(program?.lines.length);
  });

  it('adds nothing to a pristine cell', async () => {
    const made = await build(SMALL, { pristine: true });
    expect(made.added).toBe('');
    expect(readObject(made.object).globals.filter(global => global.section === LOST_SECTION)).toEqual([]);
  });

  it('gives the same key and bytes for the same text, from the cache, also to another toolchain', async () => {
    const first = await build(SMALL);
    const again = await build(SMALL);
    const other = createToolchain(readInstalled(cacheRoot()), cache);
    const third = await other.compileBpf(request(SMALL), idle);
    await other.close();
    expect(again).toMatchObject({ fromCache: true, key: first.key, sha256: first.sha256 });
    expect(third.kind === 'built' && third.build.fromCache).toBe(true);
  });

  it('includes the usual headers for a cell that includes nothing, unless it stands alone', async () => {
    const made = await build(
      'char LICENSE[] SEC("license") = "GPL";\nSEC("xdp")\nint pass(struct xdp_md *c) { return XDP_PASS; }\n'
    );
    expect(made.added).toContain('#include <vmlinux.h>');
    const alone =
      'typedef struct { int mine; } atomic_t;\n__attribute__((section("xdp"), used)) int p(void *c) { return 2; }\n';
    expect(readObject((await build(alone)).object).programs[0]?.name).toBe('p');
  });

  it('compiles files of the session with the cell, anew when one of them changes', async () => {
    const sessionFolder = join(folder, 'with-header');
    await mkdir(join(sessionFolder, 'inc'), { recursive: true });
    await writeFile(join(sessionFolder, 'inc/limit.h'), '#define LIMIT 2\n');
    const body = `#include "inc/limit.h"\n${HEAD}SEC("xdp")\nint pass(struct xdp_md *c) { return LIMIT; }\n`;
    const first = await build(body, { sessionFolder });
    await writeFile(join(sessionFolder, 'inc/limit.h'), '#define LIMIT 1\n');
    const second = await build(body, { sessionFolder });
    expect(second.sha256).not.toBe(first.sha256);
    await writeFile(join(sessionFolder, 'inc/limit.h'), '#define LIMIT nothing\n');
    expect(places(await refuse(body, { sessionFolder }))).toEqual([":9:37 use of undeclared identifier 'nothing'"]);
  });

  it.each([
    ['a syntax error', `${HEAD}int x = 1\nint y;\n`, [":7:10 expected ';' after top level declarator"]],
    ['a missing header', `#include "nope.h"\n${HEAD}`, [":1:10 'nope.h' file not found"]],
    ['a file of the machine', '#include "/etc/shadow"\n', [":1:10 '/etc/shadow' file not found"]],
    [
      'a member that is not there',
      `${HEAD}SEC("xdp") int f(struct xdp_md *c) { return c->nope; }\n`,
      [":7:48 no member named 'nope' in 'struct xdp_md'"]
    ],
    [
      'a misspelled type',
      `${HEAD}int f(struct task_strct *t) { return t->pid; }\n`,
      [":7:39 incomplete definition of type 'struct task_strct'"]
    ],
    [
      'an error behind wide characters',
      `${HEAD}/* äöü€😀 */ int f(void) { return nope_nope; }\n`,
      [":7:35 use of undeclared identifier 'nope_nope'"]
    ],
    [
      'what only the back end sees',
      `${HEAD}SEC("xdp") int f(void *c) { float x = bpf_get_prandom_u32(); return x; }\n`,
      [
        ":7:39 A call to built-in function '__floatunsisf' is not supported.",
        ":7:69 A call to built-in function '__fixsfsi' is not supported."
      ]
    ]
  ])('says where %s is', async (_, body, expected) => {
    expect(places(await refuse(body))).toEqual(expected);
  });

  it('names the macro in which the kernel has no such field', async () => {
    const body = `${HEAD}SEC("kprobe/do_unlinkat")\nint BPF_KPROBE(f)\n{\n\treturn BPF_CORE_READ((struct task_struct *)0, nope);\n}\n`;
    const failure = await refuse(body);
    expect(places(failure)).toEqual([":10:48 no member named 'nope' in 'struct task_struct'"]);
    expect(failure.items.some(item => item.severity === 'note' && item.message.includes('BPF_CORE_READ'))).toBe(true);
    expect(failure.raw).not.toContain('{10:');
  });

  it('takes a program that makes names by ##, which the cut of vmlinux.h cannot see', async () => {
    const body = `${HEAD}#define OF(a, b) struct a##_##b\nSEC("tp/sched/sched_process_exec")\nint f(void *c)\n{\n\tOF(task, struct) *t = (void *)bpf_get_current_task();\n\treturn BPF_CORE_READ(t, pid);\n}\n`;
    expect(readObject((await build(body)).object).programs[0]?.name).toBe('f');
  });

  it('refuses a text of 10 MiB', async () => {
    await expect(build('x'.repeat(10 * 1024 * 1024))).rejects.toMatchObject({ code: 'BPFLAB_CELL_TOO_LARGE' });
  });

  it('makes an object of a text without programs or license: the session says what it lacks', async () => {
    expect(readObject((await build('int x;\n')).object).programs).toEqual([]);
    const made = await build(
      '#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\nSEC("xdp") int f(void *c) { return 2; }\n'
    );
    expect(readObject(made.object).license).toBe('');
  });
});

requires('vm')('the sandbox', () => {
  const growing =
    '#define A0 1+1+1+1+1+1+1+1+1+1\n' +
    Array.from({ length: 9 }, (_, i) => `#define A${i + 1} ${`A${i}+`.repeat(9)}A${i}\n`).join('') +
    'int x = A9;\n';

  it('stops a compile that does not end when the cell is interrupted, and goes on with the next', async () => {
    const abort = new AbortController();
    const endless = toolchain.compileBpf(request(growing), abort.signal);
    const stopped = expect(endless).rejects.toMatchObject({ code: 'BPFLAB_CELL_INTERRUPTED' });
    await build(SMALL, { sessionFolder: join(folder, 'other') });
    abort.abort();
    await stopped;
    expect((await build(`${SMALL}// after`)).fromCache).toBe(false);
  });

  it('stops a compile that needs more than its limits', async () => {
    await expect(build('int large_table[1 << 29] = { [0 ... (1 << 29) - 1] = 1 };\n')).rejects.toMatchObject({
      code: 'BPFLAB_CC_LIMIT'
    });
  });

  it('shows nothing outside of the session and of the image', async () => {
    const sessionFolder = join(folder, 'links');
    await mkdir(sessionFolder, { recursive: true });
    const secret = join(folder, 'secret.h');
    await writeFile(secret, 'int secret;\n');
    const { symlink } = await import('node:fs/promises');
    await symlink(secret, join(sessionFolder, 'peek.h'));
    for (const name of ['peek.h', '../secret.h', secret, '/proc/1/cmdline', '/proc/self/environ'])
      expect(places(await refuse(`#include "${name}"\n`, { sessionFolder }))).toEqual([
        `:1:10 '${name}' file not found`
      ]);
  });

  it('leaves no work folder behind', async () => {
    await toolchain.close();
    expect((await readdir(join(cache, 'builds'))).filter(name => name.startsWith('work-'))).toEqual([]);
  });
});

requires('vm')('a full disk', () => {
  it.skipIf(process.getuid?.() !== 0)('is named, and the next compile goes on when there is room again', async () => {
    const disk = join(folder, 'disk');
    await mkdir(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]);
    const small = createToolchain(readInstalled(cacheRoot()), disk);
    try {
      const sessionFolder = join(folder, 'full');
      expect((await small.compileBpf(request(SMALL, { sessionFolder }), idle)).kind).toBe('built');
      await writeFile(join(disk, 'filler'), Buffer.alloc(16 * 1024 * 1024)).catch(() => undefined);
      const large = `${SMALL}// ${'x'.repeat(900_000)}`;
      const full = small.compileBpf(request(large, { sessionFolder }), idle);
      await expect(full).rejects.toMatchObject({ code: 'BPFLAB_DISK_FULL' });
      await rm(join(disk, 'filler'));
      expect((await small.compileBpf(request(large, { sessionFolder }), idle)).kind).toBe('built');
    } finally {
      await small.close();
      execFileSync('umount', [disk]);
    }
  });
});

requires('vm')('compileUser', () => {
  it('makes a program with the skeleton of a cell, and says where an error is', async () => {
    const probe = await build(SMALL);
    const body =
      '#include <stdio.h>\n#include <bpf/libbpf.h>\n#include "probe.skel.h"\nint main(void)\n{\n\tstruct probe_bpf *s = probe_bpf__open();\n\tprintf("%p\\n", s->progs.on_exec);\n\treturn 0;\n}\n';
    const made = await toolchain.compileUser(request(body, { name: 'user' }), [probe], idle);
    expect(made.kind === 'built' && Buffer.from(made.build.executable.subarray(0, 4)).toString('latin1')).toBe(
      '\u007fELF'
    );
    const again = await toolchain.compileUser(request(body, { name: 'user' }), [probe], idle);
    expect(again.kind === 'built' && again.build.fromCache).toBe(true);
    const wrong = await toolchain.compileUser(
      request(body.replace('on_exec', 'nope'), { name: 'user', bodyLine: 2 }),
      [probe],
      idle
    );
    if (wrong.kind === 'built') throw new Error('the compiler took it');
    expect(places(wrong)[0]).toMatch(/^:8:\d+ no member named 'nope'/);
    const unlinked = await toolchain.compileUser(request('int f(void);\nint main(void) { return f(); }\n'), [], idle);
    expect(unlinked.kind === 'compile-failed' && unlinked.items.at(-1)?.message).toBe("undefined reference to `f'");
  });
});

requires('vm')('describe', () => {
  it('names the tools and where vmlinux.h comes from', async () => {
    const about = await toolchain.describe();
    expect(about).toMatchObject({
      clang: expect.stringMatching(/^19\./) as string,
      libbpf: expect.stringMatching(/^1\./) as string
    });
    expect(about.vmlinuxSource).toContain('kernel 6.');
    expect(await readFile(about.vmlinuxSource.split(', ')[1] ?? '', 'latin1')).toContain('struct task_struct {');
  });
});
