/** The library blazesym, which lessons symbolize stacks with: its source is a crate, so it is built by the user's cargo. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildFolder, hashOf, removeTree } from './cache.mjs';
import { recipe } from './install-context.mjs';
import { runCommand } from './run-command.mjs';
import { StepError } from './step-error.mjs';

const VERSION = '0.1.7';
const MANIFEST = `[package]
name = "stand-in"
version = "0.0.0"
edition = "2021"
[lib]
name = "blazesym_c"
crate-type = ["staticlib"]
path = "lib.rs"
[dependencies]
blazesym-c = "=${VERSION}"
[profile.release]
panic = "abort"
debug = false
`;

/**
 * Makes `layers/blazesym` with `libblazesym_c.a`, `blazesym.h` and `id`, where the toolchain looks for it.
 *
 * @param {import('./install-context.mjs').InstallContext} context
 */
export async function provideBlazesym({ cache, scratch, offline, progress }) {
  const step = progress.step('blazesym');
  const place = join(cache, 'layers/blazesym');
  const id = hashOf(MANIFEST, recipe('blazesym.mjs'));
  try {
    if (idOf(place) === id) {
      step.cached(VERSION);
      return;
    }
    removeTree(place);
    await buildFolder(place, async folder => {
      const source = join(scratch, 'blazesym');
      mkdirSync(source);
      writeFileSync(join(source, 'Cargo.toml'), MANIFEST);
      writeFileSync(join(source, 'lib.rs'), 'pub use blazesym_c::*;\n');
      step.update('compile');
      await cargo(source, ['build', '--release', ...(offline ? ['--offline'] : [])]);
      const described = await cargo(source, ['metadata', '--format-version', '1', '--offline']);
      copyFileSync(join(source, 'target/release/libblazesym_c.a'), join(folder, 'libblazesym_c.a'));
      copyFileSync(join(sourceOf(described), 'include/blazesym.h'), join(folder, 'blazesym.h'));
      writeFileSync(join(folder, 'id'), id);
    });
    step.done(VERSION);
  } catch (error) {
    step.failed();
    throw error;
  }
}

/**
 * @param {string} folder
 * @param {string[]} words
 */
async function cargo(folder, words) {
  try {
    return await runCommand('cargo', words, { cwd: folder, what: 'Building blazesym' });
  } catch (error) {
    // setpriv says so, whose status for it is 127.
    if (!(error instanceof StepError) || !/exit status 127/.test(error.message)) throw error;
    throw new StepError('BPFLAB_IMAGE_BUILD', 'blazesym is written in Rust, and this machine has no cargo.', {
      hint: 'Install Rust 1.82 or newer from your distribution or by rustup, then run it again.',
      cause: error
    });
  }
}

/** @param {Buffer} metadata - of cargo; resolves with the folder of the crate that has the header */
function sourceOf(metadata) {
  /** @type {{ packages: { name: string, manifest_path: string }[] }} */
  const { packages } = JSON.parse(metadata.toString('utf8'));
  return dirname(packages.find(({ name }) => name === 'blazesym-c')?.manifest_path ?? '');
}

/** @param {string} place */
function idOf(place) {
  try {
    return readFileSync(join(place, 'id'), 'utf8');
  } catch {
    return '';
  }
}
