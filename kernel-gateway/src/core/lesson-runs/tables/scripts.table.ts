import type { Surroundings } from '../surroundings.js';
import { CONNECT, END_SERVER, LINK_FILE, READLINE, TLS_FETCH, TLS_KEY, TLS_SERVE } from './shell-pieces.js';

const READ = 'cat /etc/hostname >/dev/null';
const EXEC = 'ls >/dev/null';
const DISK = 'echo 3 >/proc/sys/vm/drop_caches; cat /usr/bin/bpftool >/dev/null';
const SIGNAL = 'sleep 9 & kill -USR1 $!';
const RESOLVE = 'getent ahosts localhost >/dev/null';
const TLS = `${TLS_SERVE}\n${TLS_FETCH}; ${END_SERVER}`;
/** By the old call: `sleep` uses clock_nanosleep. */
const NAP = "python3 -c 'import ctypes; ctypes.CDLL(None).syscall(35, (ctypes.c_long * 2)(0, 1000), None)'";
/** A row of a histogram as its view says it, and as bcc prints it. */
const BARS = '[0-9] +: +[1-9][0-9]* +\\|';
/** An entry of a map. */
const ENTRY = 'key = ';
const STACK = '\\w+\\+[0-9]+|^ *\\w+ *$';

const named = (lesson: string, programs: Record<string, Omit<Surroundings, 'lesson' | 'program'>>): Surroundings[] =>
  Object.entries(programs).map(([program, rest]) => ({ lesson, program, ...rest }));

/** Scripts of bpftrace's tutorial, of its tools, and of bcc. */
export const scriptPrograms: Surroundings[] = [
  ...named('bpftrace-tutorial', {
    1: { promises: 'tracepoint:syscalls:sys_enter_openat' },
    2: { promises: 'hello world' },
    3: { traffic: READ, promises: 'cat /etc/hostname' },
    4: { traffic: EXEC, promises: '\\bls\\b +[1-9][0-9]*' },
    5: { fill: { place: 'pid == 18644', text: 'comm == "cat"' }, traffic: READ, promises: BARS, patienceSeconds: 3 },
    6: { traffic: READ, promises: BARS, patienceSeconds: 3 },
    7: { traffic: READ, promises: BARS, patienceSeconds: 3 },
    8: { promises: 'sched:sched_switch' },
    9: { promises: STACK, patienceSeconds: 3 },
    10: { promises: STACK, patienceSeconds: 3 },
    11: { traffic: DISK, promises: BARS, patienceSeconds: 5 },
    12: { traffic: READ, promises: 'open path: hostname' }
  }),
  ...named('bpftrace', {
    bashreadline: { traffic: READLINE, promises: 'uname' },
    biolatency: { traffic: DISK, promises: BARS, patienceSeconds: 5 },
    biosnoop: { traffic: DISK, promises: '[0-9]+ +[0-9]+ +[0-9]+ +\\w+ +[0-9]+ +[0-9]+' },
    biostacks: { traffic: DISK, promises: ENTRY, patienceSeconds: 5 },
    bitesize: { traffic: DISK, promises: BARS, patienceSeconds: 5 },
    capable: { traffic: 'nice -n -1 true', promises: 'CAP_SYS_NICE' },
    cpuwalk: { promises: BARS, patienceSeconds: 3 },
    dcsnoop: { traffic: 'stat /nothing-there 2>/dev/null', promises: ' [MR] +' },
    execsnoop: { traffic: EXEC, promises: '\\bls\\b' },
    gethostlatency: { traffic: RESOLVE, promises: 'getent.*localhost' },
    killsnoop: { traffic: SIGNAL, promises: ' 10 +' },
    loads: { promises: 'load averages: [0-9.]+' },
    naptime: { traffic: NAP, promises: '\\bpython3\\b' },
    opensnoop: { traffic: READ, promises: '/etc/hostname' },
    pidpersec: { traffic: EXEC, promises: 'PIDs/sec' },
    runqlat: { traffic: EXEC, promises: BARS, patienceSeconds: 3 },
    runqlen: { traffic: EXEC, promises: BARS, patienceSeconds: 3 },
    setuids: { traffic: 'setpriv --reuid 1 true', promises: '\\bsetpriv\\b' },
    ssllatency: { setup: TLS_KEY, traffic: TLS, promises: ENTRY, patienceSeconds: 8 },
    sslsnoop: { setup: TLS_KEY, traffic: TLS, promises: '\\bcurl\\b' },
    statsnoop: { traffic: 'stat /etc/hostname >/dev/null', promises: '/etc/hostname' },
    syncsnoop: { traffic: 'sync', promises: '[0-9] +.*\\bsync\\b' },
    syscount: { traffic: EXEC, promises: 'sys_enter|[0-9]+ +[1-9][0-9]+$', patienceSeconds: 3 },
    tcpaccept: { traffic: CONNECT, promises: '127\\.0\\.0\\.1' },
    tcpconnect: { traffic: CONNECT, promises: '127\\.0\\.0\\.1' },
    tcpdrop: { traffic: 'nc -z 127.0.0.1 7999', promises: '127\\.0\\.0\\.1' },
    tcplife: { traffic: CONNECT, promises: '127\\.0\\.0\\.1' },
    tcpsynbl: { traffic: CONNECT, promises: ENTRY, patienceSeconds: 5 },
    threadsnoop: {
      traffic: 'python3 -c "import threading; threading.Thread(target=print).start()" >/dev/null',
      promises: 'python3'
    },
    vfscount: { traffic: READ, promises: 'vfs_', patienceSeconds: 3 },
    vfsstat: { traffic: READ, promises: 'vfs_' },
    writeback: {
      traffic: 'dd if=/dev/zero of=/tmp/lesson-file bs=1M count=2 2>/dev/null; sync',
      promises: '[0-9]:[0-9]+'
    }
  }),
  ...named('bcc', {
    argdist: { start: "-C 'p::vfs_read()' -i 2 -n 3", traffic: READ, promises: '[1-9][0-9]* +total calls' },
    bashreadline: { traffic: READLINE, promises: 'uname' },
    biolatency: { start: '1 5', traffic: DISK, promises: BARS },
    biosnoop: { traffic: DISK, promises: 'vd[ab]' },
    bitehist: { traffic: DISK, promises: BARS, patienceSeconds: 8 },
    bitesize: { traffic: DISK, promises: 'Process Name', patienceSeconds: 8 },
    capable: { traffic: 'nice -n -1 true', promises: 'CAP_SYS_NICE' },
    cpudist: { start: '2 3', traffic: EXEC, promises: BARS },
    disksnoop: { traffic: DISK, promises: '^[0-9.]+ +[RW-]' },
    execsnoop: { traffic: EXEC, promises: '\\bls\\b' },
    exitsnoop: { traffic: EXEC, promises: '\\bls\\b' },
    filelife: { traffic: LINK_FILE, promises: 'lesson-file' },
    funccount: { start: "-d 5 'vfs_read*'", traffic: READ, promises: 'vfs_read +[1-9]' },
    funclatency: { start: '-d 5 vfs_read', traffic: READ, promises: BARS },
    gethostlatency: { traffic: RESOLVE, promises: 'getent.*localhost' },
    hello_fields: { traffic: EXEC, promises: 'Hello, World!' },
    hello_perf_output: { traffic: EXEC, promises: 'Hello, perf_output!' },
    hello_world: { traffic: EXEC, promises: 'Hello, World!' },
    killsnoop: { traffic: SIGNAL, promises: ' 10 +' },
    opensnoop: { traffic: READ, promises: '/etc/hostname' },
    pidpersec: { traffic: EXEC, promises: 'PIDs/sec' },
    runqlat: { start: '2 3', traffic: EXEC, promises: BARS },
    softirqs: { start: '2 3', traffic: EXEC, promises: 'timer +[1-9]' },
    statsnoop: { traffic: 'stat /etc/hostname >/dev/null', promises: '/etc/hostname' },
    syncsnoop: { traffic: 'sync', promises: '[0-9] +.*\\bsync\\b' },
    syscount: { start: '-d 5', traffic: EXEC, promises: '(read|openat) +[1-9]' },
    task_switch: { traffic: EXEC, promises: 'task_switch\\[' },
    tcpaccept: { traffic: CONNECT, promises: '127\\.0\\.0\\.1' },
    tcpconnect: { traffic: CONNECT, promises: '127\\.0\\.0\\.1' },
    tcplife: { traffic: CONNECT, promises: '127\\.0\\.0\\.1' },
    trace: { start: '\'do_sys_openat2 "%s", arg2\'', traffic: READ, promises: 'do_sys_openat2' },
    urandomread: { traffic: 'head -c 8 /dev/urandom >/dev/null', promises: '\\bhead\\b' },
    vfsstat: { traffic: READ, promises: '^[0-9:]+ *: +[1-9]|[0-9]:[0-9]+:[0-9]+' }
  })
];
