import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { provideEntry } from '../../bpf/image/install-context.mjs';
import { runInImage } from '../../bpf/image/sandbox.mjs';
import { checkout, hashOfFiles } from './checkout.mjs';

/** Where node-pty looks for a module that somebody else compiled. */
const place = `node_modules/node-pty/prebuilds/linux-${process.arch}`;
const sources = 'node_modules/node-pty/src/unix';
const headers = `node_modules/node-linux-${process.arch}/include/node`;

/**
 * Compiles node-pty's native part with the lab image's compiler, since the host may have none. It uses only Node-API and glibc, with
 * libstdc++ linked in, so that it loads on hosts with an older C++ library.
 *
 * @param {{ progress: import('../../bpf/image/progress.mjs').Progress, cache: string, tools: { root: string }, lab: { id: string, root: string } }} parts
 */
export async function provideTerminalModule({ progress, cache, tools, lab }) {
  const step = progress.step('Terminal module');
  try {
    const version = JSON.parse(readFileSync(join(checkout, 'node_modules/node-pty/package.json'), 'utf8')).version;
    const key = [version, lab.id, command, hashOfFiles([sources])];
    const entry = await provideEntry(join(cache, 'builds'), 'node-pty', key, async folder => {
      step.update('compile');
      const readOnly = {
        [join(checkout, sources)]: '/src',
        [join(checkout, 'node_modules/node-addon-api')]: '/mnt',
        [join(checkout, headers)]: '/opt'
      };
      const binds = { [folder]: '/home' };
      await runInImage(tools.root, { image: lab.root, readOnly, binds, cwd: '/src' }, command, {
        what: 'Compiling the terminal module'
      });
    });
    const built = join(entry.place, 'pty.node');
    const target = join(checkout, place, 'pty.node');
    if (!existsSync(target) || !readFileSync(target).equals(readFileSync(built))) {
      mkdirSync(join(checkout, place), { recursive: true });
      copyFileSync(built, `${target}.new`);
      renameSync(`${target}.new`, target);
    }
    (entry.built ? step.done : step.cached)(`node-pty ${version}`);
  } catch (error) {
    step.failed();
    throw error;
  }
}

const command = [
  'clang++',
  ...['-std=c++17', '-O2', '-fPIC', '-shared', '-fexceptions', '-fvisibility=hidden', '-w'],
  ...['-DNAPI_CPP_EXCEPTIONS', '-DNODE_GYP_MODULE_NAME=pty', '-DBUILDING_NODE_EXTENSION'],
  ...['-I/mnt', '-I/opt', '/src/pty.cc', '-o', '/home/pty.node'],
  ...['-Wl,--gc-sections', '-s']
];
