import type { RunOptions } from '../cells/cell-spec.js';
import type { ProgramSpec } from '../object/object-spec.js';
import { LabError, type AttachOptions } from '../../protocol/index.js';

type Key = keyof AttachOptions;

const textKeys: readonly Key[] = [
  'ifname',
  'cgroup',
  'binary',
  'func',
  'usdt_provider',
  'usdt_name',
  'map',
  'socket_ifname',
  'netns',
  'offset',
  'cookie'
];
const numberKeys: readonly Key[] = ['priority', 'pid', 'freq_hz'];
const choices: Partial<Record<Key, readonly string[]>> = {
  direction: ['ingress', 'egress'],
  xdp_mode: ['skb', 'drv', 'hw'],
  retprobe: ['true', 'false']
};

/** Which programs a short form such as `--ifname` is meant for. `path` is SEC's part before the first slash. */
const wantedBy: Partial<Record<Key, (path: string) => boolean>> = {
  ifname: path => /^(xdp|tc|tcx|netkit|classifier|action|socket)/.test(path),
  cgroup: path => /^(cgroup|sockops|lsm_cgroup)/.test(path),
  pid: path => /^(u(ret)?probe|usdt|perf_event)/.test(path)
};

/**
 * Attach options of one program from the cell's `--attach`, `--ifname`, `--cgroup` and `--pid`, and the direction that its
 * section names.
 *
 * @throws LabError BPFLAB_CELL_OPTION for an unknown key or a value of another form, BPFLAB_ATTACH_FAILED when an
 *   interface is needed and none is named
 */
export function attachOptionsFor(program: ProgramSpec, given: RunOptions['attach']): AttachOptions {
  const path = program.section.replace(/^\?/, '').split('/')[0] ?? '';
  const options: Record<string, string | number | boolean> = {};
  for (const { program: name, key, value } of given) {
    const isMeant = name === program.name || (name === '*' && (wantedBy[key as Key]?.(path) ?? true));
    if (isMeant) {
      const [realKey, realValue] = parseOption(path, key, value);
      options[realKey] = realValue;
    }
  }
  const isNetwork = /^(xdp|tc|tcx|netkit|classifier|action)$|^xdp\./.test(path);
  if (isNetwork && options['ifname'] === undefined) {
    throw new LabError(
      'BPFLAB_ATTACH_FAILED',
      `Cannot attach "${program.name}" — a program of SEC("${program.section}") needs a network interface.`,
      { hint: 'Name one with --ifname, for example --ifname lo.' }
    );
  }
  return options;
}

/** Names in attach options that no program of the object has; a typing error most of the time. */
export function unknownAttachPrograms(
  programs: readonly ProgramSpec[],
  given: readonly { program: string }[]
): string[] {
  const names = new Set(programs.map(program => program.name));
  return given.map(one => one.program).filter(name => name !== '*' && !names.has(name));
}

function parseOption(path: string, key: string, value: string): [string, string | number | boolean] {
  if (key === 'ifname' && path.startsWith('socket')) {
    return ['socket_ifname', value];
  }
  if (textKeys.includes(key as Key)) {
    return [key, value];
  }
  if (numberKeys.includes(key as Key) && /^-?\d{1,9}$/.test(value)) {
    return [key, Number(value)];
  }
  const known = choices[key as Key];
  if (known?.includes(value)) {
    return [key, key === 'retprobe' ? value === 'true' : value];
  }
  const isKey = known !== undefined || numberKeys.includes(key as Key);
  const cause = isKey ? `"${key}" cannot be "${value}"` : `there is no attach option "${key}"`;
  const keys = [...textKeys, ...numberKeys, ...Object.keys(choices)].sort().join(', ');
  throw new LabError('BPFLAB_CELL_OPTION', `Cannot attach — ${cause}.`, { details: `attach options: ${keys}` });
}
