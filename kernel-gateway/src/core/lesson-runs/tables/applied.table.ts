import type { Surroundings } from '../surroundings.js';
import { CONNECT, END_SERVER, FETCH, SERVE, TLS_FETCH, TLS_KEY, TLS_SERVE } from './shell-pieces.js';

/** What the lesson's load.sh does, in a control group of its own. */
const LOAD_REDIRECT = `mkdir -p /sys/fs/bpf/lesson
bpftool prog load bpf_contrack.bpf.o /sys/fs/bpf/lesson/sockops type sockops pinmaps /sys/fs/bpf/lesson
bpftool cgroup attach /sys/fs/cgroup/lesson sock_ops pinned /sys/fs/bpf/lesson/sockops
bpftool prog load bpf_redirect.bpf.o /sys/fs/bpf/lesson/redir map name sock_ops_map pinned /sys/fs/bpf/lesson/sock_ops_map
bpftool prog attach pinned /sys/fs/bpf/lesson/redir msg_verdict pinned /sys/fs/bpf/lesson/sock_ops_map
echo loaded`;
const UNLOAD_REDIRECT = `bpftool prog detach pinned /sys/fs/bpf/lesson/redir msg_verdict pinned /sys/fs/bpf/lesson/sock_ops_map
bpftool cgroup detach /sys/fs/cgroup/lesson sock_ops pinned /sys/fs/bpf/lesson/sockops
rm -rf /sys/fs/bpf/lesson; rmdir /sys/fs/cgroup/lesson`;
/** Says whether what was sent arrived, and how many packets of the device carried it. */
const TALK_UNSEEN = `tcpdump -i lo -n -l tcp port 7777 >/tmp/lesson-packets 2>/tmp/lesson-dump & dump=$!
for t in $(seq 100); do grep -q listening /tmp/lesson-dump && break; sleep 0.1; done
nc -l -N 127.0.0.1 7777 </dev/null >/tmp/lesson-heard & sleep 0.5; (echo hello; sleep 1) | timeout 3 nc -N 127.0.0.1 7777
sleep 0.5; kill $dump; wait $dump
echo "heard $(cat /tmp/lesson-heard), packets with data: $(grep -c 'length [1-9]' /tmp/lesson-packets)"`;

/** Lessons 23 to 38 of bpf-developer-tutorial. */
export const appliedPrograms: Surroundings[] = [
  {
    lesson: '23-http',
    program: 'accept',
    traffic: `${SERVE}; ${FETCH}; ${END_SERVER}`,
    promises: 'exit_accept accept_args\\.addr: [0-9a-f]+'
  },
  {
    lesson: '23-http',
    program: 'sockfilter',
    setup: SERVE,
    traffic: FETCH,
    teardown: END_SERVER,
    promises: 'GET / HTTP|HTTP/1.0 200'
  },
  {
    lesson: '24-hide',
    program: 'pidhide',
    setup: 'sleep 60 & hidden=$!',
    start: './pidhide --pid-to-hide $hidden',
    traffic: 'ls /proc >/dev/null',
    promises: 'Hid PID from program [0-9]+ \\(ls\\)',
    teardown: 'kill $hidden'
  },
  {
    lesson: '25-signal',
    program: 'signal',
    traffic: 'timeout 3 strace -o /dev/null true',
    promises: 'strace'
  },
  {
    lesson: '26-sudo',
    program: 'sudoadd',
    setup:
      'echo "root ALL=(ALL:ALL) ALL" >/etc/sudoers; yes "# filler" | head -40 >>/etc/sudoers; cp /usr/bin/cat /usr/local/bin/sudo',
    start: './sudoadd --username root',
    traffic: '/usr/local/bin/sudo /etc/sudoers >/dev/null',
    promises: 'Tricked Sudo PID [0-9]+'
  },
  {
    lesson: '27-replace',
    program: 'replace',
    setup: 'printf "the word foo" >/tmp/lesson-text',
    start: './replace --filename /tmp/lesson-text --input foo --replace bar',
    traffic: 'cat /tmp/lesson-text; echo',
    promises: 'Replaced text in PID|the word bar',
    patienceSeconds: 240
  },
  {
    lesson: '28-detach',
    program: 'textreplace2',
    setup: 'mkdir -p /sys/fs/bpf; echo "the word foo is here" >/tmp/lesson-text',
    start: './textreplace2 -f /tmp/lesson-text -i foo -r bar -d',
    traffic: 'cat /tmp/lesson-text',
    promises: 'the word bar is here|replaced: foo',
    teardown: 'rm -rf /sys/fs/bpf/textreplace*',
    ends: true,
    lacks:
      'a verifier that comes to its end: Linux 6.1 and 6.12 give up after 8,192 jumps of "check_possible_addresses", 7.3 after 1,000,000 instructions of "find_possible_addrs"'
  },
  {
    lesson: '29-sockops',
    program: 'bpf_contrack',
    setup: 'mkdir -p /sys/fs/cgroup/lesson',
    start: '--cgroup lesson',
    traffic: `(echo $BASHPID >/sys/fs/cgroup/lesson/cgroup.procs; ${CONNECT})`,
    promises: '>>> new connection: OP:[0-9]+',
    teardown: 'rmdir /sys/fs/cgroup/lesson'
  },
  {
    lesson: '29-sockops',
    program: 'bpf_redirect',
    form: 'app',
    goals: ['all'],
    setup: 'mkdir -p /sys/fs/cgroup/lesson',
    start: LOAD_REDIRECT,
    traffic: `(echo $BASHPID >/sys/fs/cgroup/lesson/cgroup.procs; ${TALK_UNSEEN})`,
    promises: 'heard hello, packets with data: 0$',
    teardown: UNLOAD_REDIRECT,
    ends: true
  },
  {
    lesson: '30-sslsniff',
    program: 'sslsniff',
    setup: `${TLS_KEY}\n${TLS_SERVE}`,
    traffic: TLS_FETCH,
    promises: 'GET / HTTP|WRITE/SEND',
    teardown: END_SERVER
  },
  {
    lesson: '31-goroutine',
    program: 'goroutine',
    victim: 'go-server-http',
    traffic: 'go-server-http/main & server=$!; sleep 1; curl -s -m 2 http://127.0.0.1:447/; kill $server',
    promises: '(WAITING|RUNNABLE|RUNNING) +[0-9]+ +[0-9]+',
    layer: 'go'
  },
  {
    lesson: '32-wallclock-profiler',
    program: 'oncputime',
    goals: ['oncputime'],
    start: './oncputime -p $$',
    traffic: 'true',
    promises: '^ +- +bash \\([0-9]+\\)',
    layer: 'blazesym'
  },
  {
    lesson: '32-wallclock-profiler',
    program: 'offcputime',
    goals: ['offcputime'],
    start: './offcputime -p $$ 4',
    traffic: 'true',
    promises: '^ +- +bash \\([0-9]+\\)',
    layer: 'blazesym'
  },
  {
    lesson: '33-funclatency',
    program: 'funclatency',
    start: './funclatency -i 1 libc.so.6:read',
    traffic: 'cat /etc/hostname >/dev/null',
    promises: ' -> [0-9]+ +: [1-9][0-9]* +\\|'
  },
  {
    lesson: '34-syscall',
    program: 'exechijack',
    setup: 'cp /usr/bin/bash /a',
    traffic: 'ls >/dev/null',
    promises: '\\[EXECVE_HIJACK\\] /usr/bin/ls',
    teardown: 'rm /a'
  },
  { lesson: '34-syscall', program: 'open_modify', traffic: 'cat /etc/hostname >/dev/null', promises: '\\bcat\\b' },
  { lesson: '35-user-ringbuf', program: 'user_ringbuf', traffic: 'sleep 9 & kill -USR1 $!', promises: 'SIGN +[a-z]+' },
  {
    lesson: '38-btf-uprobe',
    program: 'uprobe',
    goals: ['uprobe', 'merge-btf'],
    setup:
      'make -s -C examples base.btf btf-base; ./merge-btf /sys/kernel/btf/vmlinux examples/base.btf target-base.btf',
    start: './uprobe examples/btf-base target-base.btf',
    traffic: './examples/btf-base',
    promises: 'add_test\\(&d\\) 1 \\+ 3 = 4'
  }
];
