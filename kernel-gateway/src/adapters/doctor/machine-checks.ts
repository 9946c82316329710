/** Checks of what the machine itself offers. */
import { existsSync, readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { release } from 'node:os';
import path from 'node:path';
import type { Installed } from '../install/installed.js';
import { findAccelerator } from '../vm/accelerator.js';
import { DEFAULT_MEMORY_MIB } from '../vm/vm-target.js';
import type { Check } from './doctor-report.js';
import { runProgram } from './run-program.js';

const OLDEST_NODE = 20;
/** Images, one kernel, its template and the download of all of them, with room to spare. */
const SET_UP_BYTES = 5 * 1024 ** 3;
const WORK_BYTES = 1024 ** 3;
const SET_UP = 'Run npm start once.';

/** The Node that runs this. */
export function checkNode(): Check {
  const { version } = process;
  const isNew = Number(version.slice(1).split('.')[0]) >= OLDEST_NODE;
  return {
    id: 'node',
    title: 'Node.js',
    state: isNew ? 'ok' : 'missing',
    needed: true,
    summary: version,
    remedy: isNew ? '' : `Install Node.js ${OLDEST_NODE} or newer.`,
    facts: { version, path: process.execPath }
  };
}

/** What set-up has made. `problem`: why `installed` is null. */
export function checkImages(installed: Installed | null, problem: string, cacheRoot: string): Check {
  const base = { id: 'images', title: 'Images', needed: true };
  if (installed === null) {
    return { ...base, state: 'missing', summary: problem, remedy: SET_UP, facts: { cache: cacheRoot } };
  }
  const kernels = installed.kernels.map(kernel => kernel.release);
  const { tools, lab, agent } = installed;
  return {
    ...base,
    state: 'ok',
    summary: `tools, lab image, agent and ${kernels.length === 1 ? 'kernel' : 'kernels'} ${kernels.join(', ')}.`,
    remedy: '',
    facts: {
      ...{ cache: cacheRoot, tools_id: tools.id, lab_id: lab.id, agent_id: agent.id },
      ...{ kernels, default_kernel: installed.default_kernel }
    }
  };
}

/** KVM or TCG, by a boot that is done once and remembered. */
export async function checkAcceleration(installed: Installed | null, cacheRoot: string): Promise<Check> {
  const base = { id: 'acceleration', title: 'Virtual machines', needed: true };
  const kernel = installed?.kernels.find(one => one.release === installed.default_kernel);
  if (installed === null || kernel === undefined) {
    const summary = 'not tried, since the images are missing.';
    return { ...base, state: 'unknown', summary, remedy: SET_UP, facts: { device: existsSync('/dev/kvm') } };
  }
  const { tools, lab } = installed;
  const machine = { tools, lab, kernel, memoryMib: DEFAULT_MEMORY_MIB, cpus: 1 };
  const { accelerator, reason } = await findAccelerator(machine, cacheRoot);
  return {
    ...base,
    state: accelerator === 'kvm' ? 'ok' : 'limited',
    summary: `${accelerator.toUpperCase()}: ${reason}.`,
    remedy: accelerator === 'kvm' ? '' : kvmRemedy(reason),
    facts: { accelerator, reason, device: existsSync('/dev/kvm') }
  };
}

function kvmRemedy(reason: string): string {
  if (reason.includes('may not be opened'))
    return 'sudo usermod -aG kvm "$USER", then log in again, for a faster guest.';
  return 'Nothing has to be done: guests run about 10 times slower than with hardware virtualization.';
}

/** Whether the sandbox works, by running it. */
export async function checkUserNamespaces(installed: Installed | null): Promise<Check> {
  const base = { id: 'user_namespaces', title: 'Sandbox', needed: true };
  const settings = namespaceSettings();
  if (installed === null) {
    return {
      ...base,
      state: 'unknown',
      summary: 'not tried, since the images are missing.',
      remedy: SET_UP,
      facts: settings
    };
  }
  const { root } = installed.tools;
  const libraries = path.join(root, 'usr/lib/x86_64-linux-gnu');
  const result = await runProgram(path.join(root, 'lib64/ld-linux-x86-64.so.2'), [
    ...['--library-path', libraries, path.join(root, 'usr/bin/bwrap'), '--unshare-all', '--die-with-parent'],
    ...['--ro-bind', root, '/', '--proc', '/proc', '--dev', '/dev', '/usr/bin/true']
  ]);
  if (result.status === 0) {
    const who = process.getuid?.() === 0 ? 'root' : 'an ordinary user';
    return { ...base, state: 'ok', summary: `bubblewrap works as ${who}.`, remedy: '', facts: settings };
  }
  const cause = (result.stderr.trim() || result.error).split('\n')[0] ?? '';
  return {
    ...base,
    state: 'missing',
    summary: `bubblewrap cannot make its namespaces (${cause}).`,
    remedy: namespaceRemedy(settings),
    facts: { ...settings, stderr: result.stderr }
  };
}

/** Values of the kernel's switches for user namespaces; absent: the kernel has no such switch. */
function namespaceSettings(): Record<string, string> {
  const files = {
    apparmor_restrict_unprivileged_userns: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
    unprivileged_userns_clone: '/proc/sys/kernel/unprivileged_userns_clone',
    max_user_namespaces: '/proc/sys/user/max_user_namespaces'
  };
  const found = Object.entries(files).filter(([, file]) => existsSync(file));
  return Object.fromEntries(found.map(([name, file]) => [name, readFileSync(file, 'utf8').trim()]));
}

/** The one line that allows them, by the switch that forbids them. */
export function namespaceRemedy(settings: Record<string, string>): string {
  const set = (line: string): string =>
    `echo '${line}' | sudo tee /etc/sysctl.d/60-bpflab.conf && sudo sysctl --system`;
  if (settings['apparmor_restrict_unprivileged_userns'] === '1')
    return set('kernel.apparmor_restrict_unprivileged_userns = 0');
  if (settings['unprivileged_userns_clone'] === '0') return set('kernel.unprivileged_userns_clone = 1');
  if (settings['max_user_namespaces'] === '0') return set('user.max_user_namespaces = 15000');
  return 'Allow user namespaces on this machine; inside a container, start it with --security-opt seccomp=unconfined.';
}

/** Type information of this machine's own kernel; only the host target wants it. */
export function checkBtf(): Check {
  const file = '/sys/kernel/btf/vmlinux';
  const has = existsSync(file);
  return {
    id: 'btf',
    title: 'BTF of this kernel',
    state: has ? 'ok' : 'missing',
    needed: false,
    summary: has
      ? `${release()} has type information.`
      : `${release()} has no ${file}; the virtual machine's kernel has its own.`,
    remedy: has ? '' : 'Boot a kernel with CONFIG_DEBUG_INFO_BTF if programs shall run on this machine itself.',
    facts: { kernel_release: release(), file }
  };
}

/** Free space where images, builds and spilled data go. */
export async function checkDisk(cacheRoot: string, isInstalled: boolean): Promise<Check> {
  let place = path.resolve(cacheRoot);
  while (!existsSync(place)) place = path.dirname(place);
  const { bavail, bsize } = await statfs(place);
  const freeBytes = bavail * bsize;
  const wantedBytes = isInstalled ? WORK_BYTES : SET_UP_BYTES;
  const isEnough = freeBytes >= wantedBytes;
  const gib = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
  return {
    id: 'disk',
    title: 'Disk',
    state: isEnough ? 'ok' : isInstalled ? 'limited' : 'missing',
    needed: true,
    summary: `${gib(freeBytes)} free in ${place}; ${gib(wantedBytes)} are wanted.`,
    remedy: isEnough ? '' : 'Free space there, or set BPFLAB_CACHE to a folder on a larger disk.',
    facts: { path: place, free_bytes: freeBytes, wanted_bytes: wantedBytes }
  };
}
