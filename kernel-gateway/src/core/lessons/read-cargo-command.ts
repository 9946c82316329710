/** What a README's command makes cargo do. `call`: the program that is called, from the folder of the manifest; empty: it only builds. */
export interface CargoCommand {
  isRelease: boolean;
  call: string;
}

const BUILD = /^cargo build(?<release> --release)?$/;
const RUN = /^cargo run(?<release> --release)?(?: -- (?<args>.*))?$/s;
const CALL = /^\.\/target\/(?<profile>debug|release)\/\S/;

/** Reads `cargo build`, `cargo run -- ARGS` and `./target/PROFILE/NAME ARGS`; null for anything else. `manifest`: text of Cargo.toml. */
export function readCargoCommand(text: string, manifest: string): CargoCommand | null {
  const profile = CALL.exec(text)?.groups?.['profile'];
  if (profile !== undefined) return { isRelease: profile === 'release', call: text };
  const built = BUILD.exec(text)?.groups;
  if (built !== undefined) return { isRelease: built['release'] !== undefined, call: '' };
  const run = RUN.exec(text)?.groups;
  const name = /^name\s*=\s*"([\w-]+)"/m.exec(manifest)?.[1];
  if (run === undefined || name === undefined) return null;
  const isRelease = run['release'] !== undefined;
  return { isRelease, call: `./target/${isRelease ? 'release' : 'debug'}/${name} ${run['args'] ?? ''}`.trim() };
}
