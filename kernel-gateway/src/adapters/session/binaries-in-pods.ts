import type { PodContainer } from '../../core/pods/pod-container.js';
import { LabError } from '../../protocol/index.js';
import type { BpfCell } from './bpf-cell.js';
import { needOneNode } from './need-one-node.js';
import { runProcess } from './run-process.js';

/** SEC's path of a program of user space: what stands between the kind and the last colons. */
const USER_SECTION = /^\??(?:u(?:ret)?probe(?:\.multi|\.session)?(?:\.s)?|usdt(?:\.s)?)\/([^:]+)/;

/**
 * Says where a file is in a container's own root: `$1` is the container's id, then come the names. Libraries and programs
 * without a path are looked for where loaders look.
 */
const FIND = `id=$1; shift
for group in $(find /sys/fs/cgroup -fstype cgroup2 -type d -name "*$id*"); do
  read -r pid < "$group/cgroup.procs" && break
done
[ -n "$pid" ] || exit 1
root=/proc/$pid/root
for name; do
  found=
  case $name in
  /*) [ -e "$root$name" ] && found=$root$name ;;
  *) for folder in /lib /usr/lib /lib64 /usr/lib64 /lib/*-linux-gnu /usr/lib/*-linux-gnu /usr/local/lib /bin /usr/bin /usr/local/bin /sbin /usr/sbin; do
       for place in $root$folder/$name; do [ -e "$place" ] && found=$place && break 2; done
     done ;;
  esac
  echo "$found"
done`;

/**
 * Lets uprobes and static probes mean the files of the first chosen container, not those of the node's agent. Containers of
 * one image share the file, and so the probe.
 *
 * @throws LabError BPFLAB_ATTACH_FAILED when the container has no such file
 */
export async function useBinariesOf({ context, run, chosen, attach }: BpfCell, container: PodContainer): Promise<void> {
  const wanted = chosen.flatMap(program => {
    const options = attach.get(program.name);
    const name = options?.binary ?? USER_SECTION.exec(program.section)?.[1];
    const isUser = options !== undefined && name !== undefined && !name.startsWith('/proc/');
    return isUser ? [{ program: program.name, options, name }] : [];
  });
  if (wanted.length === 0) return;
  needOneNode(run.connection, [
    'Functions of files in pods are probed',
    'each pod has its files in a place of its own'
  ]);
  let text = '';
  const { exited } = await runProcess(context.core, {
    run,
    argv: ['bash', '-c', FIND, 'bash', container.id, ...wanted.map(one => one.name)],
    stdin: new Uint8Array(0),
    onStdout: bytes => (text += Buffer.from(bytes).toString('utf8')),
    onStderr: () => undefined
  });
  await exited;
  const places = text.split('\n');
  for (const [index, { program, options, name }] of wanted.entries()) {
    const binary = places[index] ?? '';
    if (binary === '') {
      const where = `container "${container.container}" of pod "${container.namespace}/${container.pod}"`;
      throw new LabError('BPFLAB_ATTACH_FAILED', `Cannot attach "${program}" — ${where} has no file "${name}".`);
    }
    attach.set(program, { ...options, binary });
  }
}
