import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheRoot } from '../../kernel-gateway/src/adapters/install/cache-root.js';

const run = promisify(execFile);
const fileOf = (relative: string): string => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const node = (file: string, words: string[]): Promise<{ stdout: string }> =>
  run(process.execPath, [fileOf(file), ...words], { maxBuffer: 1 << 24 });

/** A real cluster of this machine, with agents on its nodes. Each test file has one of another number. */
export class TestCluster {
  /** Folder of everything that the cluster writes. */
  readonly state: string;
  readonly kubeconfig: string;
  readonly #number: number;
  #image = '';

  constructor(number: number) {
    this.#number = number;
    this.state = `/run/bpftest${number}`;
    this.kubeconfig = join(this.state, 'admin.conf');
  }

  /** The lab image that the nodes have. */
  get image(): string {
    return this.#image;
  }

  /**
   * Starts it anew and puts agents on its nodes; KUBECONFIG names it from then on.
   *
   * @param nodes - with this machine's kernel
   * @param options - of the testbed: `--vm` is one node more, with Debian's kernel
   */
  async up(nodes: number, ...options: '--vm'[]): Promise<void> {
    const { stdout } = await node('bpf/image/main.mjs', ['archive', '--json']);
    const archive = JSON.parse(stdout) as { file: string; image: string };
    this.#image = archive.image;
    await this.down();
    await this.testbed('up', '--nodes', String(nodes), ...options, '--image', archive.file);
    process.env['KUBECONFIG'] = this.kubeconfig;
    await this.bpflab('cluster', 'up', '--image', archive.image);
  }

  async down(): Promise<void> {
    await this.testbed('down');
  }

  /** The product's command line. @throws Error with its output when it fails */
  bpflab(...words: string[]): Promise<{ stdout: string }> {
    return node('kernel-gateway/lib/cli/bpflab.js', words);
  }

  async kubectl(...words: string[]): Promise<string> {
    const testbed = join(cacheRoot(), 'testbed');
    const components = readdirSync(testbed).find(name => name.startsWith('components-')) ?? '';
    const { stdout } = await run(join(testbed, components, 'kubectl'), ['--kubeconfig', this.kubeconfig, ...words]);
    return stdout;
  }

  testbed(...words: string[]): Promise<{ stdout: string }> {
    return node('cluster/testbed/main.mjs', [...words, '--number', String(this.#number)]);
  }
}
