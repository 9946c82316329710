import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readInstalled } from '../../kernel-gateway/src/adapters/install/installed.js';

/**
 * What is left on this machine's kernel, found without the agent: by bpftool, tc, ip, tracefs, the cgroup tree and /proc.
 * Every entry names one thing, so that two inventories can be compared.
 */
export function outsideInventory(): string[] {
  const others = otherAgents();
  const isOfOthers = (entry: string): boolean => entry.split(/\D+/).some(number => others.has(number));
  const named = [...folders(), ...processes()].filter(entry => !isOfOthers(entry));
  return [...bpfObjects(), ...network(), ...named].sort();
}

/** Agents that somebody else runs on this machine; what is named by their pids is not ours. */
function otherAgents(): ReadonlySet<string> {
  const parents = new Map<string, string>();
  const agents: string[] = [];
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    try {
      parents.set(pid, /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '0');
      if (/bpflab-agent/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] ?? '')) {
        agents.push(pid);
      }
    } catch {
      // It has ended meanwhile.
    }
  }
  const isOurs = (pid: string): boolean =>
    pid === String(process.pid) || (Number(pid) > 1 && isOurs(parents.get(pid) ?? '0'));
  // A child of init was left by a parent that died: nobody runs it any more.
  return new Set(agents.filter(pid => !isOurs(pid) && parents.get(pid) !== '1'));
}

/** Entries of `after` that are not in `before`. */
export function leftovers(before: readonly string[], after: readonly string[]): string[] {
  const known = new Set(before);
  return after.filter(entry => !known.has(entry));
}

/** A program of the lab image, run from its unpacked tree on this machine. */
function inLab(program: string, args: string[]): string {
  const { root } = readInstalled().lab;
  const loader = join(root, 'lib64/ld-linux-x86-64.so.2');
  const path = ['usr/sbin', 'sbin', 'usr/bin'].map(folder => join(root, folder, program)).find(existsSync);
  const libraries = `${join(root, 'usr/lib/x86_64-linux-gnu')}:${join(root, 'lib/x86_64-linux-gnu')}`;
  return execFileSync(loader, ['--library-path', libraries, path ?? program, ...args], { encoding: 'utf8' });
}

function bpfObjects(): string[] {
  return ['prog', 'map', 'link'].flatMap(kind => {
    const list = JSON.parse(inLab('bpftool', ['-j', kind, 'show']) || '[]') as { id: number; name?: string }[];
    return list.map(one => `${kind} ${one.id} ${one.name ?? ''}`);
  });
}

function network(): string[] {
  const links = JSON.parse(inLab('ip', ['-j', 'link', 'show'])) as { ifname: string; xdp?: unknown }[];
  return links.flatMap(({ ifname, xdp }) => [
    `interface ${ifname}${xdp === undefined ? '' : ' with xdp'}`,
    ...inLab('tc', ['qdisc', 'show', 'dev', ifname])
      .trim()
      .split('\n')
      .map(line => `qdisc ${ifname} ${line}`),
    ...['ingress', 'egress'].flatMap(side =>
      inLab('tc', ['filter', 'show', 'dev', ifname, side])
        .split('\n')
        .filter(line => line !== '')
        .map(line => `filter ${ifname} ${side} ${line}`)
    )
  ]);
}

function folders(): string[] {
  const instances = '/sys/kernel/tracing/instances';
  const cgroups = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].flatMap(root =>
    existsSync(root)
      ? readdirSync(root, { withFileTypes: true })
          .filter(one => one.isDirectory())
          .map(one => join(root, one.name))
      : []
  );
  const inner = cgroups.filter(name => name.includes('bpflab')).flatMap(name => tree(name));
  return [
    ...(existsSync(instances) ? readdirSync(instances).map(name => `tracing instance ${name}`) : []),
    ...inner.map(name => `cgroup ${name}`)
  ];
}

function tree(folder: string): string[] {
  const inner = readdirSync(folder, { withFileTypes: true }).filter(one => one.isDirectory());
  return inner.flatMap(one => [join(folder, one.name), ...tree(join(folder, one.name))]);
}

function processes(): string[] {
  return readdirSync('/proc').flatMap(pid => {
    try {
      const command = /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0') : [''];
      return /bpflab-agent|\.bpflab\//.test(command[0] ?? '') ? [`process ${pid} ${command.join(' ')}`] : [];
    } catch {
      return [];
    }
  });
}
