import type { RunBundle, RunNode, RunProgram, RunState } from 'kernel-gateway/protocol';

const STATES: ReadonlySet<string> = new Set<RunState>(['starting', 'attached', 'stopped', 'failed', 'lost']);
const CELLS: ReadonlySet<string> = new Set<RunBundle['cell']>(['bpf', 'user', 'sh', 'bpftrace']);

/** More nodes than this are not drawn. */
const MAX_NODES = 1000;

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
const count = (value: unknown): string => (/^\d{1,20}$/.test(text(value)) ? text(value) : '0');

function readProgram(value: Json): RunProgram {
  return {
    name: text(value['name']),
    section: text(value['section']),
    type: text(value['type']),
    id: number(value['id']),
    attached_to: text(value['attached_to']),
    verified_insns: number(value['verified_insns']),
    jited_bytes: number(value['jited_bytes']),
    run_count: count(value['run_count']),
    run_time_ns: count(value['run_time_ns'])
  };
}

const NODE_STATES: ReadonlySet<string> = new Set<RunNode['state']>(['running', 'late', 'refused', 'lost']);

function readNode(value: Json): RunNode {
  const state = text(value['state']);
  return {
    node: text(value['node']),
    state: NODE_STATES.has(state) ? (state as RunNode['state']) : 'lost',
    message: text(value['message']),
    kernel_release: text(value['kernel_release']),
    arch: text(value['arch']),
    events: count(value['events']),
    lost: count(value['lost'])
  };
}

/** The card of a run as a notebook has it, made harmless where it is not as the kernel writes it; null when it is no card. */
export function readRunBundle(value: unknown): RunBundle | null {
  if (!isObject(value) || value['version'] !== 1 || !STATES.has(text(value['state']))) {
    return null;
  }
  const timing = isObject(value['timing_us']) ? value['timing_us'] : {};
  const programs = Array.isArray(value['programs']) ? value['programs'].slice(0, 1000).filter(isObject) : [];
  const nodes = Array.isArray(value['nodes']) ? value['nodes'].slice(0, MAX_NODES).filter(isObject) : [];
  return {
    version: 1,
    run: text(value['run']),
    session: text(value['session']),
    name: text(value['name']),
    cell: CELLS.has(text(value['cell'])) ? (value['cell'] as RunBundle['cell']) : 'bpf',
    state: value['state'] as RunState,
    reason: text(value['reason']),
    target: text(value['target']),
    kernel_release: text(value['kernel_release']),
    programs: programs.map(readProgram),
    ...(nodes.length === 0 ? {} : { nodes: nodes.map(readNode) }),
    timing_us: {
      compile: number(timing['compile']),
      load: number(timing['load']),
      attach: number(timing['attach']),
      ...(typeof timing['verify'] === 'number' ? { verify: number(timing['verify']) } : {})
    },
    views: [],
    added: text(value['added'])
  };
}
