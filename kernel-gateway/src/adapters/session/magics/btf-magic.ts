import { closestName } from '../../../core/cells/closest-name.js';
import type { AgentConnection } from '../../../core/index.js';
import { readBtf, type Btf } from '../../../core/object/btf.js';
import { definitionsOf } from '../../../core/session/c-definition.js';
import { LabError } from '../../../protocol/index.js';
import { say, type CellContext } from '../cell-context.js';

const BTF_PATH = '/sys/kernel/btf/vmlinux';
/** Kernels whose types are kept in memory (some 60 MB each); the oldest goes. */
const KEPT = 2;
const known = new Map<string, Promise<Btf>>();

/** `%btf NAME…`: a type or function of the target's kernel, as C. */
export async function btfMagic(context: CellContext, names: readonly string[]): Promise<void> {
  const { core, signal } = context;
  const connection = await core.targets.connection(core.targets.nameFor(null), signal);
  if (connection.hello.btf_id === '') {
    throw new LabError('BPFLAB_PREFLIGHT_UNSUPPORTED', 'The kernel of the target has no BTF.');
  }
  const btf = await kernelBtf(connection);
  // `%btf struct task_struct` is one name of two words.
  const joined = names.join(' ').replace(/\b(struct|union|enum) /g, '$1\0');
  for (const name of joined.split(' ').map(one => one.replace('\0', ' '))) {
    say(context, describe(btf, name));
  }
}

function describe(btf: Btf, name: string): string {
  const found = definitionsOf(btf, name);
  if (found.length > 0) {
    return found.join('\n\n');
  }
  const plain = name.replace(/^\w+ /, '');
  const names = btf.types.flatMap(type => ('name' in type && type.name !== '' ? [type.name] : []));
  const functions = [...btf.functions.values()].map(one => one.name);
  const near = closestName(
    plain,
    [...new Set([...names, ...functions])].filter(one => one[0] === plain[0])
  );
  const guess = near === null ? '' : ` Is it "${near}"?`;
  return `The kernel has no type or function "${name}" in its BTF.${guess}`;
}

async function kernelBtf(connection: AgentConnection): Promise<Btf> {
  const id = connection.hello.btf_id;
  const reading = known.get(id) ?? read(connection);
  known.delete(id);
  known.set(id, reading);
  for (const oldest of [...known.keys()].slice(0, -KEPT)) {
    known.delete(oldest);
  }
  reading.catch(() => known.delete(id));
  return reading;
}

async function read(connection: AgentConnection): Promise<Btf> {
  const stream = connection.newStream();
  const parts: Uint8Array[] = [];
  const ended = new Promise<void>(resolve => {
    connection.onStream(stream, { data: payload => parts.push(payload.slice()), end: resolve });
  });
  await connection.request('read_file', { path: BTF_PATH, stream });
  await ended;
  return readBtf(new Uint8Array(Buffer.concat(parts)));
}
