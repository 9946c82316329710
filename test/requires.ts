import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe } from 'vitest';
import { readInstalled } from '../kernel-gateway/src/adapters/install/installed.js';

/**
 * What a machine may lack. `vm`: set-up was run; `bpf`: root on a kernel with BTF; `chromium`: a browser for e2e; `python`:
 * virtual environments with packages of PyPI.
 */
export type Capability = 'vm' | 'bpf' | 'chromium' | 'python';

const browsers = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Absolute path of a browser that speaks Chromium's protocol; null when there is none. */
export function chromiumPath(): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const paths = browsers.flatMap(name => folders.map(folder => join(folder, name)));
  return paths.find(path => existsSync(path)) ?? null;
}

const lacks: Record<Capability, () => string | null> = {
  vm: () => {
    try {
      readInstalled();
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  },
  bpf: () => {
    if (process.geteuid?.() !== 0) return 'not root';
    return existsSync('/sys/kernel/btf/vmlinux') ? null : 'the kernel has no BTF';
  },
  chromium: () => (chromiumPath() ? null : 'no Chromium in PATH'),
  python: () => (spawnSync('python3', ['-c', 'import venv, ensurepip']).status === 0 ? null : 'no python3 with venv')
};

/** Whether `BPFLAB_REQUIRE` names the capability: what lacks it must fail then. */
export const isRequired = (capability: Capability): boolean =>
  (process.env['BPFLAB_REQUIRE'] ?? '').split(',').some(word => word.trim() === capability);

/**
 * `describe` for tests that need something of the machine. Where it is missing, they are skipped with the reason in
 * their name; where `BPFLAB_REQUIRE` (a list with commas, set in CI) names it, they fail instead.
 */
export function requires(...capabilities: Capability[]): (name: string, tests: () => void) => void {
  for (const capability of capabilities) {
    const reason = lacks[capability]();
    if (reason === null) continue;
    if (isRequired(capability)) throw new Error(`BPFLAB_REQUIRE names "${capability}" — ${reason}.`);
    return (name, tests) => describe.skip(`${name} (skipped: ${reason})`, tests);
  }
  return (name, tests) => {
    describe(name, tests);
  };
}
