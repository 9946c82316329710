import type { Surroundings } from './surroundings.js';

/** Longest wait for an attachment and for the promised output; a translated guest is slow, on a busy machine slower still. */
const ATTACH_SECONDS = 40;
const PROMISE_SECONDS = 45;

/** Shell functions that know nothing of bpflab: what the kernel holds is asked from bpftool, tc and the file system. */
const FUNCTIONS = `T=$(mktemp -d)
held() {
  bpftool prog list 2>/dev/null | sed -n 's/^\\([0-9]*\\): \\([a-z_]*\\)  *\\(name [^ ]*\\)*.*/program \\1 \\2 \\3/p'
  bpftool link list 2>/dev/null | sed -n 's/^\\([0-9]*\\): \\([a-z_]*\\).*/link \\1 \\2/p'
  for i in /sys/class/net/*; do tc filter show dev \${i##*/} ingress 2>/dev/null | grep -o 'filter.*bpf.*name.*'; done
  find /sys/fs/bpf -mindepth 1 2>/dev/null
  bpftool cgroup tree 2>/dev/null | grep -vE '^(CgroupPath|ID|/)'
}
group() { pgrep -g "$lesson"; }
fds() { for p in $(group); do ls -l /proc/$p/fd; done 2>/dev/null; }
# What ends between two looks has no state, and does not rest.
rests() { states=$(cat $(group | sed 's,.*,/proc/&/stat,') 2>/dev/null </dev/null); [ -n "$states" ] && ! grep -q ') [RDZ] ' <<<"$states"; }
look() {
  fds >"$T/fds"
  if grep -qE 'bpf[-_]link|perf_event' "$T/fds"; then attached=1
  elif grep -q 'bpf[-_]prog' "$T/fds"; then loaded=1; rests && attached=1; fi
  [ $attached = 1 ]
}
alive() { kill -0 "$lesson" 2>/dev/null; }
said() { cat "$T/out" "$T/seen" /sys/kernel/tracing/trace 2>/dev/null; }
kept() { said | grep -aqE -- "$promise"; }
echo 1 2>/dev/null >/sys/kernel/tracing/events/bpf_trace/bpf_trace_printk/enable
touch "$T/seen" "$T/out"
`;

/** What programs print comes line by line, as on a terminal, and not at their end. */
const LINE_BY_LINE = 'export _STDBUF_O=L LD_PRELOAD=/usr/libexec/coreutils/libstdbuf.so';

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * Script that runs a user-space program in its surroundings, for bash in the built folder on the target. It reports in lines
 * that begin with `@@` (see `readAppReport`); the program's own output comes after them.
 */
export function appScript(surroundings: Surroundings): string {
  const { program, setup = '', start = `./${program}`, traffic = ':', promises, teardown = ':' } = surroundings;
  const ends = surroundings.ends === true;
  const { patienceSeconds: patience = PROMISE_SECONDS } = surroundings;
  return `${FUNCTIONS}
promise=${quoted(promises)}
held | sort >"$T/before"
${setup}
set -m
{ ${LINE_BY_LINE}
${start}
} >"$T/out" 2>&1 </dev/null &
lesson=$!
set +m
attached=0; loaded=0
for try in $(seq ${ATTACH_SECONDS * 10}); do look && break; alive || break; sleep 0.1; done
[ $attached = 1 ] && sleep 0.5
end=$((SECONDS + ${patience}))
while [ $SECONDS -lt $end ]; do
  ( ${traffic}
  ) >>"$T/seen" 2>&1
  kept && break
  [ $attached = 1 ] || look
  alive || { ${ends ? 'sleep 0.3; kept && break; [ -s "$T/seen" ] || break' : 'break'}; }
  sleep 0.4
done
kill -INT -- "-$lesson" 2>/dev/null
for try in $(seq 30); do [ -z "$(group)" ] && break; sleep 0.1; done
kill -KILL -- "-$lesson" 2>/dev/null
wait "$lesson" 2>/dev/null
status=$?
kept && [ $loaded = 1 ] && attached=1
kept && echo "@@kept $(said | grep -aE -m 1 -- "$promise" | head -c 300)"
${teardown} 2>/dev/null
for try in 1 2 3 4 5 6; do held | sort >"$T/after"; comm -13 "$T/before" "$T/after" >"$T/left"; [ -s "$T/left" ] || break; sleep 0.4; done
echo "@@attached $attached"
echo "@@status $status"
sed 's/^/@@left /' "$T/left"
echo "@@output"
tail -n 60 "$T/out"
grep -a bpf_trace_printk /sys/kernel/tracing/trace | tail -n 10
rm -rf "$T"
exit 0
`;
}

/** What the script of `appScript` has found. */
export interface AppReport {
  attached: boolean;
  /** Exit status of the program, 128 and more when a signal ended it. */
  status: number;
  /** The line that was promised; empty when it did not come. */
  kept: string;
  /** What is in the kernel that was not there before. */
  left: string[];
  /** The program's own words, the last of them. */
  output: string;
}

/** Reads what the script has printed; null when it did not come to its end. */
export function readAppReport(text: string): AppReport | null {
  const at = text.indexOf('@@output\n');
  if (at < 0) return null;
  const lines = text.slice(0, at).split('\n');
  const valueOf = (name: string): string[] =>
    lines.filter(line => line.startsWith(`@@${name} `)).map(line => line.slice(name.length + 3));
  return {
    attached: valueOf('attached')[0] === '1',
    status: Number(valueOf('status')[0] ?? 0),
    kept: valueOf('kept')[0] ?? '',
    left: valueOf('left'),
    output: text.slice(at + '@@output\n'.length)
  };
}

/** What the kernel holds, one thing a line: run before and after a kernel side alone. */
export const heldScript = `${FUNCTIONS}held | sort; rm -rf "$T"`;
