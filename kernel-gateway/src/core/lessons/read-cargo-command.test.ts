import { expect, it } from 'vitest';
import { readCargoCommand } from './read-cargo-command.js';

const MANIFEST = '[package]\nname = "hello-world"\nversion = "0.1.0"\n';

it.each([
  ['cargo build', false, ''],
  ['cargo build --release', true, ''],
  ['cargo run', false, './target/debug/hello-world'],
  ['cargo run --release -- -f 49 <pid>', true, './target/release/hello-world -f 49 <pid>'],
  ['./target/release/hello-world 1 2', true, './target/release/hello-world 1 2'],
  ['./target/debug/x', false, './target/debug/x']
])('reads %j', (text, isRelease, call) => {
  expect(readCargoCommand(text, MANIFEST)).toEqual({ isRelease, call });
});

it.each(['cargo test', 'cargo install wasm-bpf', 'cargo build --target wasm32', './target', 'make'])(
  'leaves %j alone',
  text => {
    expect(readCargoCommand(text, MANIFEST)).toBeNull();
  }
);

it('runs nothing of a workspace, which names no program', () => {
  expect(readCargoCommand('cargo run', '[workspace]\nmembers = ["a"]\n')).toBeNull();
});
