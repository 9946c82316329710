/** A program in Rust, with a crate of others and a kernel side of its own, built by `%%make` and run on the target. */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cacheRoot } from '../../kernel-gateway/src/adapters/install/cache-root.js';
import { createLab, type Lab } from '../../kernel-gateway/src/lab.js';
import { LabFixture } from '../integration/lab-fixture.js';
import { requires } from '../requires.js';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../../kernel-gateway/lib/cli/bpflab.js', import.meta.url));

const FILES: Record<string, string> = {
  'Cargo.toml': `[package]
name = "counter"
version = "0.1.0"
edition = "2021"

[dependencies]
libbpf-rs = "0.25"

[build-dependencies]
libbpf-cargo = "0.25"
`,
  'build.rs': `use libbpf_cargo::SkeletonBuilder;
fn main() {
    let out = std::path::PathBuf::from(std::env::var_os("OUT_DIR").unwrap()).join("count.skel.rs");
    SkeletonBuilder::new()
        .source("src/count.bpf.c")
        .clang_args(["-I", "../../../vmlinux.h/include/x86_64"])
        .build_and_generate(out)
        .unwrap();
}
`,
  'src/count.bpf.c': `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";
unsigned long long calls = 0;
SEC("tp/sched/sched_switch")
int count(void *ctx) { calls++; return 0; }
`,
  'src/main.rs': `use libbpf_rs::skel::{OpenSkel, Skel, SkelBuilder};
mod count { include!(concat!(env!("OUT_DIR"), "/count.skel.rs")); }
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut object = std::mem::MaybeUninit::uninit();
    let mut skel = count::CountSkelBuilder::default().open(&mut object)?.load()?;
    skel.attach()?;
    std::thread::sleep(std::time::Duration::from_millis(300));
    let data = skel.maps.bss_data.as_ref().map(|bss| bss.calls).unwrap_or(0);
    println!("switched: {}", data > 0);
    Ok(())
}
`
};

/** How many sets of crates are kept. */
const kept = (): number => readdirSync(join(cacheRoot(), 'crates')).length;

requires('vm')('a lesson in Rust', () => {
  let lab: Lab;
  let cells: LabFixture;
  const write = (folder: string, files: Record<string, string>): void => {
    for (const [path, text] of Object.entries(files)) {
      const file = join(cells.notebooks, folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  };

  beforeAll(async () => {
    await run(process.execPath, [program, 'image', 'add', 'rust']);
    lab = createLab();
    cells = new LabFixture(lab, 'vm');
    write('counter', FILES);
  }, 900_000);

  afterAll(async () => {
    await cells.close();
    await lab.close();
  });

  it('is built with its crates, and its program sees the kernel', { timeout: 600_000 }, async () => {
    const { stdout } = await cells.ok('%%make counter --for 30s\n./target/debug/counter');
    expect(stdout).toContain('Made target/debug/counter');
    expect(stdout).toContain('switched: true');
  });

  it('takes what is there when it is built anew', { timeout: 600_000 }, async () => {
    const sets = kept();
    const { stdout } = await cells.ok('%%make counter');
    expect(stdout).toContain('Finished');
    expect(stdout).not.toContain('Compiling libbpf-sys');
    expect(kept()).toBe(sets);
  });

  it('says where a wrong program is wrong', { timeout: 600_000 }, async () => {
    write('wrong', {
      'Cargo.toml': '[package]\nname = "wrong"\nversion = "0.1.0"\n',
      'src/main.rs': 'fn main() { x }\n'
    });
    const { outcome } = await cells.run('%%make wrong');
    expect(outcome).toMatchObject({
      code: 'BPFLAB_MAKE_FAILED',
      message: '"wrong" cannot be built — src/main.rs line 1: cannot find value `x` in this scope.'
    });
  });

  it('says which crate cannot be fetched, and keeps nothing of it', { timeout: 600_000 }, async () => {
    const sets = kept();
    const manifest = '[package]\nname = "none"\nversion = "0.1.0"\n[dependencies]\nbpflab-never-was = "9"\n';
    write('none', { 'Cargo.toml': manifest, 'src/main.rs': 'fn main() {}\n' });
    const { outcome } = await cells.run('%%make none');
    expect(outcome).toMatchObject({
      code: 'BPFLAB_CRATES_FETCH',
      message: expect.stringContaining('bpflab-never-was') as unknown
    });
    expect(kept()).toBe(sets);
  });

  it('gives a build no network, and the fetch no program of the lesson', { timeout: 600_000 }, async () => {
    const build = `fn main() {
    assert!(std::net::TcpStream::connect("1.1.1.1:443").is_err());
    println!("cargo:warning=files {}", std::path::Path::new("/etc/resolv.conf").exists());
}
`;
    write('alone', {
      'Cargo.toml': '[package]\nname = "alone"\nversion = "0.1.0"\nbuild = "build.rs"\n',
      'build.rs': build,
      'src/main.rs': 'fn main() { println!("alone"); }\n',
      '.cargo/config.toml': '[build]\nrustc = "./evil.sh"\n',
      'evil.sh': '#!/bin/sh\nexit 1\n'
    });
    const evil = await cells.run('%%make alone');
    expect(evil.outcome).toMatchObject({ code: 'BPFLAB_MAKE_FAILED' });
    write('alone', { '.cargo/config.toml': '' });
    const { stdout } = await cells.ok('%%make alone --for 10s\n./target/debug/alone');
    expect(stdout).toContain('files false');
    expect(stdout).toContain('\nalone\n');
  });
});
