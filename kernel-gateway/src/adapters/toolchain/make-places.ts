/**
 * Where Makefiles of lessons look for what they build with. Lessons of libbpf-bootstrap's kin stand two to four folders
 * below the root of their repository and build libbpf and bpftool from submodules; here they find stand-ins of ours that
 * install the lab image's own.
 */
import { cp, mkdir, readdir, realpath, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SandboxMount } from './sandbox.js';

/** The folder of the sources, as its Makefile sees itself. */
export const LESSON_FOLDER = '/course/src/lesson';

/** Every place that `..` of a Makefile may mean, from its own folder upwards. */
const ROOTS = ['/course/src', '/course', ''];
const ARCHITECTURE: Record<string, string> = { x64: 'x86', arm64: 'arm64' };
const RUST_ARCHITECTURE: Record<string, string> = { x64: 'x86_64', arm64: 'aarch64' };

const LIBBPF_MAKEFILE = `.PHONY: all install install_headers install_uapi_headers
all:
install: install_headers
	@mkdir -p "$(DESTDIR)$(LIBDIR)"
	@cp /usr/lib/*-linux-gnu/libbpf.a "$(DESTDIR)$(LIBDIR)/"
install_headers:
	@mkdir -p "$(DESTDIR)$(INCLUDEDIR)/bpf"
	@cp /usr/include/bpf/*.h "$(DESTDIR)$(INCLUDEDIR)/bpf/"
install_uapi_headers:
`;

const BPFTOOL_MAKEFILE = `.PHONY: all bootstrap install
all bootstrap:
	@mkdir -p "$(OUTPUT)bootstrap"
	@ln -sf /usr/sbin/bpftool "$(OUTPUT)bootstrap/bpftool"
	@ln -sf /usr/sbin/bpftool "$(OUTPUT)bpftool"
install:
`;

/** Lessons in Rust name the submodule as a crate; this one is the crate that is published. */
const BLAZESYM_MANIFEST = `[package]
name = "blazesym"
version = "0.2.3"
edition = "2021"

[features]
tracing = ["published/tracing"]

[dependencies]
published = { package = "blazesym", version = "0.2" }
`;

/** The stand-in for cargo has nothing to do: the library is there. */
const CARGO = '#!/bin/sh\nexit 0\n';
/** Where it is seen inside; lessons find cargo by this variable. */
export const CARGO_PATH = '/blazesym/cargo';

/**
 * Writes the stand-ins.
 *
 * @param folder - an empty one
 * @param blazesym - folder of the layer `blazesym`; null: it is not installed
 */
export async function writeStandIns(folder: string, blazesym: string | null): Promise<void> {
  await mkdir(join(folder, 'libbpf/src'), { recursive: true });
  await mkdir(join(folder, 'libbpf/include/uapi'), { recursive: true });
  await mkdir(join(folder, 'bpftool/src'), { recursive: true });
  await writeFile(join(folder, 'libbpf/src/Makefile'), LIBBPF_MAKEFILE);
  await writeFile(join(folder, 'bpftool/src/Makefile'), BPFTOOL_MAKEFILE);
  await symlink('/usr/include/linux', join(folder, 'libbpf/include/uapi/linux'));
  await symlink('../libbpf', join(folder, 'bpftool/libbpf'));
  await mkdir(join(folder, 'blazesym/src'), { recursive: true });
  await writeFile(join(folder, 'blazesym/Cargo.toml'), BLAZESYM_MANIFEST);
  await writeFile(join(folder, 'blazesym/src/lib.rs'), 'pub use published::*;\n');
  if (blazesym === null) return;
  await mkdir(join(folder, 'blazesym/target/release'), { recursive: true });
  await mkdir(join(folder, 'blazesym/capi/include'), { recursive: true });
  await cp(join(blazesym, 'libblazesym_c.a'), join(folder, 'blazesym/target/release/libblazesym_c.a'));
  await cp(join(blazesym, 'blazesym.h'), join(folder, 'blazesym/capi/include/blazesym.h'));
  await writeFile(join(folder, 'blazesym/cargo'), CARGO, { mode: 0o755 });
}

/**
 * What is mounted for a lesson.
 *
 * @param standIns - folder that `writeStandIns` has filled
 * @param header - folder of the vmlinux.h that the lesson is compiled with
 */
export async function lessonMounts(standIns: string, header: string): Promise<SandboxMount[]> {
  const architecture = ARCHITECTURE[process.arch] ?? 'x86';
  const names = (await readdir(standIns)).sort();
  const tools = ROOTS.flatMap(root =>
    [root, `${root}/third_party`].flatMap(place =>
      names.map(name => ({ from: join(standIns, name), to: `${place}/${name}` }))
    )
  );
  const headers = ROOTS.flatMap(root => [
    { from: header, to: `${root}/third_party/vmlinux/${architecture}` },
    { from: header, to: `${root}/vmlinux.h/include/${architecture}` },
    // Rust's name of the machine.
    { from: header, to: `${root}/vmlinux.h/include/${RUST_ARCHITECTURE[process.arch] ?? 'x86_64'}` }
  ]);
  return [...tools, ...headers];
}

/** The folder of the vmlinux.h that comes with the lesson's own repository, looked for upwards; null: it has none. */
export async function bundledHeader(folder: string): Promise<string | null> {
  const architecture = ARCHITECTURE[process.arch] ?? 'x86';
  const names = [`third_party/vmlinux/${architecture}`, `vmlinux.h/include/${architecture}`];
  let place = folder;
  for (let level = 0; level < 5 && place !== dirname(place); level++) {
    for (const name of names) {
      const found = await stat(join(place, name, 'vmlinux.h')).catch(() => null);
      if (found?.isFile()) return realpath(join(place, name));
    }
    place = dirname(place);
  }
  return null;
}
