import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cacheRoot } from '../../kernel-gateway/src/adapters/install/cache-root.js';
import { readInstalled } from '../../kernel-gateway/src/adapters/install/installed.js';
import { createToolchain } from '../../kernel-gateway/src/adapters/toolchain/create-toolchain.js';
import { explainMake } from '../../kernel-gateway/src/core/cells/make-failure.js';
import type { MakeOutcome, Toolchain } from '../../kernel-gateway/src/core/index.js';
import { readObject } from '../../kernel-gateway/src/core/object/read-object.js';
import { requires } from '../requires.js';

/** In the layout of libbpf-bootstrap: everything that is not the lesson's own lies two folders up. */
const MAKEFILE = `OUTPUT := .output
LIBBPF := $(abspath ../../libbpf/src)
BPFTOOL := $(abspath $(OUTPUT)/bpftool/bootstrap/bpftool)
FLAGS := -I$(OUTPUT) -I../../libbpf/include/uapi -I../../vmlinux.h/include/x86
APPS = count
all: $(APPS)
$(OUTPUT)/libbpf.a:
	@mkdir -p $(OUTPUT)
	@$(MAKE) --no-print-directory -C $(LIBBPF) BUILD_STATIC_ONLY=1 OBJDIR=$(abspath $(OUTPUT))/libbpf DESTDIR=$(abspath $(OUTPUT))/ INCLUDEDIR= LIBDIR= UAPIDIR= install
$(BPFTOOL):
	@$(MAKE) --no-print-directory ARCH= OUTPUT=$(abspath $(OUTPUT))/bpftool/ -C ../../bpftool/src bootstrap
$(OUTPUT)/%.bpf.o: %.bpf.c $(OUTPUT)/libbpf.a | $(BPFTOOL)
	clang -g -O2 -target bpf -D__TARGET_ARCH_x86 $(FLAGS) -c $< -o $(@:.bpf.o=.tmp.bpf.o)
	@$(BPFTOOL) gen object $@ $(@:.bpf.o=.tmp.bpf.o)
$(OUTPUT)/%.skel.h: $(OUTPUT)/%.bpf.o
	@$(BPFTOOL) gen skeleton $< > $@
$(APPS): %: %.c $(OUTPUT)/%.skel.h
	$(CC) -g $(FLAGS) $< $(OUTPUT)/libbpf.a -lelf -lz -o $@
.SECONDARY:
early:
	head -c 30000000 /dev/zero >part && mv part made
late:
	test -e made && cp made late
`;
const KERNEL_SIDE = `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";
int calls = 0;
SEC("tp/syscalls/sys_enter_getpid")
int count(void *ctx) { calls++; return 0; }
`;
const USER_SIDE = `#include <stdio.h>
#include "count.skel.h"
int main(void) { struct count_bpf *skeleton = count_bpf__open(); printf("%p\\n", (void *)skeleton); return 0; }
`;

let folder: string;
let lesson: string;
let toolchain: Toolchain;

requires('vm')('a lesson with a Makefile', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bpflab-make-'));
    lesson = join(folder, 'examples/c');
    await mkdir(lesson, { recursive: true });
    await writeFile(join(lesson, 'Makefile'), MAKEFILE);
    await writeFile(join(lesson, 'count.bpf.c'), KERNEL_SIDE);
    await writeFile(join(lesson, 'count.c'), USER_SIDE);
    toolchain = createToolchain(readInstalled(cacheRoot()), cacheRoot());
  });

  afterAll(async () => {
    await toolchain.close();
    await rm(folder, { recursive: true, force: true });
  });

  const make = (goals: string[], overlay: string | null = null): Promise<MakeOutcome> => {
    const request = { folder: lesson, overlay, goals, sessionFolder: folder };
    return toolchain.make(request, new AbortController().signal);
  };

  it('builds a lesson by its own Makefile and leaves its folder as it was', { timeout: 60_000 }, async () => {
    const outcome = await make([]);
    if (outcome.kind !== 'built') throw new Error(outcome.output);
    expect(outcome.build.programs).toEqual(['count']);
    const [object] = outcome.build.objects;
    expect(object?.name).toBe('count');
    expect(readObject(object?.object ?? new Uint8Array()).programs.map(program => program.name)).toEqual(['count']);
    const program = outcome.build.files.find(file => file.path === 'count');
    expect(program?.mode).toBe(0o755);
    expect((await readdir(lesson)).sort()).toEqual(['Makefile', 'count.bpf.c', 'count.c']);
  });

  it(
    'makes several goals one after the other, where one needs what another has made',
    { timeout: 60_000 },
    async () => {
      const outcome = await make(['early', 'late']);
      expect(outcome.kind === 'built' ? '' : outcome.output).toBe('');
    }
  );

  it('builds only what changed, and says why it cannot', { timeout: 60_000 }, async () => {
    const overlay = join(folder, 'overlay');
    await mkdir(overlay);
    await writeFile(join(overlay, 'count.c'), '#include "gone.h"\n');
    const outcome = await make([], overlay);
    expect(outcome.kind).toBe('make-failed');
    expect(outcome.kind === 'make-failed' && explainMake(outcome.output).cause).toBe(
      'count.c line 1 includes "gone.h", which is nowhere'
    );
    expect(outcome.kind === 'make-failed' && outcome.output).not.toContain('-target bpf');
  });
});
