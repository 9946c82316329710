/** Executables out of the published Go modules that a `go.mod` of ours pins. Needs Go, and what the module proxy serves. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeTree } from '../../bpf/image/cache.mjs';
import { runCommand } from '../../bpf/image/run-command.mjs';

const environment = { GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly' };

/** One run of `go build`: what it makes for people, its environment, its words. @typedef {[string, Record<string, string>, string[]]} GoBuild */

/**
 * @param {string} source - folder of go.mod
 * @param {GoBuild[]} builds - with an empty name for the folder of the results
 * @returns {Promise<string>} 16 hex digits: a hash of the sources, the pinned modules, how they are built, and the Go version
 */
export async function goBuildId(source, builds) {
  const hash = createHash('sha256');
  for (const file of readdirSync(source).sort()) hash.update(readFileSync(join(source, file)));
  hash.update(await runCommand('go', ['env', 'GOVERSION'], { what: 'go' }));
  hash.update(JSON.stringify(builds));
  return hash.digest('hex').slice(0, 16);
}

/**
 * @param {string} source - folder of go.mod
 * @param {GoBuild[]} builds
 * @param {(text: string) => void} say
 */
export async function runGoBuilds(source, builds, say) {
  // Go's cache of compiled packages grows to 5 GB and is of no use once everything is linked.
  const compiled = mkdtempSync(join(tmpdir(), 'bpflab-go-'));
  try {
    for (const [what, more, words] of builds) {
      say(what);
      await runCommand('nice', ['go', 'build', '-trimpath', '-buildvcs=false', ...words], {
        cwd: source,
        env: { ...environment, GOCACHE: compiled, ...more },
        what: `go build of ${what}`
      });
    }
  } finally {
    removeTree(compiled);
  }
}

/**
 * Folder of a module's own files, fetched when it is not there.
 *
 * @param {string} source - folder of the go.mod that pins it
 * @param {string} module - its path
 */
export async function goModuleFolder(source, module) {
  const words = ['mod', 'download', '-json', module];
  const said = await runCommand('go', words, { cwd: source, env: environment, what: `go mod download ${module}` });
  return /** @type {string} */ (JSON.parse(said.toString()).Dir);
}
