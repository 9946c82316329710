/** What a lesson's program needs around it, and how one sees that it did what its text promises. */
export interface Surroundings {
  /** Name of the lesson's folder, and of the program in it. */
  lesson: string;
  program: string;
  /** Shell: before the program starts. */
  setup?: string;
  /** Shell: how the program is started, when `./PROGRAM` is not enough. Of a kernel side alone: options of `%%bpf`. */
  start?: string;
  /** Shell: what the program is to see; done again and again until it has been seen, or the time is over. */
  traffic?: string;
  /** Extended regular expression: a line that is promised, on the program's output, in the trace or in a view. */
  promises: string;
  /** Shell: undoes `setup`, where that does not end with the machine. */
  teardown?: string;
  /** It does its work and ends by itself: attachments cannot be looked at while it lives. */
  ends?: boolean;
  /** Goals of make when the default ones need what is not there. */
  goals?: string[];
  /** What no target of ours has, in a few words; the promise is then not tested. */
  lacks?: string;
}

const LINK_FILE = 'touch /tmp/lesson-file; rm /tmp/lesson-file';
const PING = 'ping -c 1 -W 1 127.0.0.1 >/dev/null';
/** A veth pair lab0 (10.77.0.1) with its other end in the namespace "peer" (10.77.0.2). */
const PAIR = `ip netns add peer; ip link add lab0 type veth peer name lab1
ip link set lab1 netns peer; ip address add 10.77.0.1/24 dev lab0; ip link set lab0 up
ip netns exec peer ip address add 10.77.0.2/24 dev lab1; ip netns exec peer ip link set lab1 up
ip netns exec peer ip link set lo up`;
const NO_PAIR = 'ip link delete lab0 2>/dev/null; ip netns delete peer';
const PING_IN = 'ip netns exec peer ping -c 1 -W 1 10.77.0.1 >/dev/null';
const CONNECT =
  '(timeout 2 nc -l -N 127.0.0.1 7777 </dev/null >/dev/null & sleep 0.2; echo hello | timeout 1 nc -N 127.0.0.1 7777; wait)';
const SERVE = 'python3 -m http.server 8000 --directory / >/dev/null 2>&1 & server=$!; sleep 2';
const FETCH = 'curl -s -m 2 -o /dev/null http://127.0.0.1:8000/';
const END_SERVER = 'kill $server';

/** Resolves addresses to names; written in Rust, and not in Debian. */
const BLAZESYM = 'the library blazesym';

const bootstrap = 'libbpf-bootstrap';

const firstProgram: Surroundings[] = [
  { lesson: bootstrap, program: 'minimal', promises: 'BPF triggered from PID' },
  { lesson: bootstrap, program: 'minimal_legacy', promises: 'BPF triggered from PID' },
  { lesson: bootstrap, program: 'minimal_ns', promises: 'BPF triggered from PID' },
  { lesson: bootstrap, program: 'bootstrap', traffic: 'ls >/dev/null', promises: 'EXEC +ls ' },
  { lesson: bootstrap, program: 'bootstrap_legacy', traffic: 'ls >/dev/null', promises: 'EXEC +ls ' },
  { lesson: bootstrap, program: 'uprobe', promises: 'uprobed_sub EXIT: return =' },
  { lesson: bootstrap, program: 'kprobe', traffic: LINK_FILE, promises: 'KPROBE ENTRY pid = [0-9]+, filename =' },
  {
    lesson: bootstrap,
    program: 'fentry',
    traffic: LINK_FILE,
    promises: 'fentry: pid = [0-9]+, filename = /tmp/lesson'
  },
  { lesson: bootstrap, program: 'usdt', promises: 'USDT auto attach to libc:setjmp' },
  { lesson: bootstrap, program: 'sockfilter', traffic: PING, promises: 'interface: lo' },
  { lesson: bootstrap, program: 'tc', traffic: PING, promises: 'Got IP packet: tot_len' },
  {
    lesson: bootstrap,
    program: 'ksyscall',
    traffic: 'sleep 9 & kill -USR1 $!',
    promises: 'KILL syscall called by PID'
  },
  { lesson: bootstrap, program: 'task_iter', promises: 'Task Info. Pid: [0-9]+', ends: true },
  {
    lesson: bootstrap,
    program: 'lsm',
    traffic: 'timeout 2 bpftool prog list >/dev/null 2>&1',
    promises: 'LSM: block bpf\\(\\) worked'
  },
  { lesson: bootstrap, program: 'profile', promises: 'COMM: |Kernel:', start: './profile -s', lacks: BLAZESYM }
];

const basics: Surroundings[] = [
  { lesson: '1-helloworld', program: 'minimal', promises: 'BPF triggered .*from PID' },
  {
    lesson: '2-kprobe-unlink',
    program: 'kprobe-link',
    traffic: LINK_FILE,
    promises: 'KPROBE ENTRY pid = [0-9]+, filename'
  },
  { lesson: '3-fentry-unlink', program: 'fentry-link', traffic: LINK_FILE, promises: 'fentry: pid = [0-9]+, filename' },
  {
    lesson: '4-opensnoop',
    program: 'opensnoop',
    traffic: 'cat /etc/hostname >/dev/null',
    promises: 'Process ID: [0-9]+ enter sys.openat'
  },
  {
    lesson: '5-uprobe-bashreadline',
    program: 'bashreadline',
    traffic: `echo 'uname' | timeout 5 python3 -c 'import pty; pty.spawn(["/bin/bash", "-i"])' >/dev/null 2>&1`,
    promises: 'PID [0-9]+ \\(bash\\) read: '
  },
  { lesson: '6-sigsnoop', program: 'sigsnoop', traffic: 'sleep 9 & kill -USR1 $!', promises: 'sent signal [0-9]+' },
  { lesson: '7-execsnoop', program: 'execsnoop', traffic: 'ls >/dev/null', promises: 'ls|bash' },
  { lesson: '8-exitsnoop', program: 'exitsnoop', traffic: 'ls >/dev/null', promises: 'ls' },
  { lesson: '9-runqlat', program: 'runqlat', traffic: 'ls >/dev/null', promises: '[0-9]' },
  { lesson: '10-hardirqs', program: 'hardirqs', traffic: 'sleep 0.2', promises: '[0-9]' },
  { lesson: '10-hardirqs', program: 'softirqs', traffic: 'sleep 0.2', promises: '[0-9]' },
  { lesson: '11-bootstrap', program: 'bootstrap', traffic: 'ls >/dev/null', promises: 'EXEC +ls ' },
  { lesson: '13-tcpconnlat', program: 'tcpconnlat', traffic: CONNECT, promises: 'nc +4 +127\\.0\\.0\\.1' },
  { lesson: '14-tcpstates', program: 'tcpstates', traffic: CONNECT, promises: 'ESTABLISHED' },
  { lesson: '14-tcpstates', program: 'tcprtt', traffic: CONNECT, promises: '[1-9]' },
  {
    lesson: '15-javagc',
    program: 'javagc',
    lacks: 'a Java virtual machine',
    start: './javagc -p 1',
    promises: '[0-9]+ +[0-9]+ +[0-9]+'
  },
  {
    lesson: '16-memleak',
    program: 'memleak',
    start: './memleak -p $$',
    promises: 'outstanding allocations',
    lacks: BLAZESYM
  },
  {
    lesson: '17-biopattern',
    program: 'biopattern',
    start: './biopattern 1 20',
    traffic: 'echo 3 >/proc/sys/vm/drop_caches; cat /usr/bin/bpftool >/dev/null',
    promises: 'vd[ab] +[0-9]+ +[0-9]+ +[1-9]'
  },
  {
    lesson: '19-lsm-connect',
    program: 'lsm-connect',
    traffic: 'curl -s -m 1 http://1.1.1.1/',
    promises: 'lsm: blocking'
  },
  { lesson: '20-tc', program: 'tc', start: '--ifname lo', traffic: PING, promises: 'Got IP packet: tot_len' },
  { lesson: '21-xdp', program: 'xdp', start: '--ifname lo', traffic: PING, promises: 'packet size is [0-9]+' }
];

const applied: Surroundings[] = [
  {
    lesson: '23-http',
    program: 'accept',
    setup: SERVE,
    traffic: FETCH,
    teardown: END_SERVER,
    promises: 'GET / HTTP|accept'
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
    setup: 'echo "the word foo is here" >/tmp/lesson-text',
    start: './replace --filename /tmp/lesson-text --input foo --replace bar',
    traffic: 'cat /tmp/lesson-text',
    promises: 'Replaced text in PID|the word bar is here'
  },
  {
    lesson: '28-detach',
    program: 'textreplace2',
    setup: 'mkdir -p /sys/fs/bpf; echo "the word foo is here" >/tmp/lesson-text',
    start: './textreplace2 -f /tmp/lesson-text -i foo -r bar -d',
    traffic: 'cat /tmp/lesson-text',
    promises: 'the word bar is here|replaced: foo',
    teardown: 'rm -rf /sys/fs/bpf/textreplace*',
    ends: true
  },
  {
    lesson: '29-sockops',
    program: 'bpf_contrack',
    setup: 'mkdir -p /sys/fs/cgroup/lesson',
    start: '--cgroup lesson',
    traffic: `(echo $BASHPID >/sys/fs/cgroup/lesson/cgroup.procs; ${CONNECT})`,
    promises: '>>> new connection: OP:[0-9]+'
  },
  { lesson: '29-sockops', program: 'bpf_redirect', start: '--no-attach', promises: 'sock_ops_map' },
  {
    lesson: '30-sslsniff',
    program: 'sslsniff',
    setup: `cd /tmp && openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -days 2 -subj /CN=lesson 2>/dev/null
openssl s_server -accept 8443 -key k.pem -cert c.pem -www >/dev/null 2>&1 & server=$!; sleep 1; cd - >/dev/null`,
    traffic: 'curl -sk -m 5 -o /dev/null https://127.0.0.1:8443/',
    promises: 'GET / HTTP|WRITE/SEND',
    teardown: END_SERVER
  },
  { lesson: '31-goroutine', program: 'goroutine', lacks: 'a program in Go', promises: 'goid' },
  {
    lesson: '32-wallclock-profiler',
    program: 'oncputime',
    goals: ['oncputime'],
    start: './oncputime -p $$',
    promises: '[0-9]',
    lacks: BLAZESYM
  },
  {
    lesson: '32-wallclock-profiler',
    program: 'offcputime',
    goals: ['offcputime'],
    start: './offcputime -p $$',
    promises: '[0-9]',
    lacks: BLAZESYM
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
    start: '--set target_ppid=99999',
    traffic: 'ls >/dev/null',
    promises: 'exechijack|EXECVE_HIJACK'
  },
  { lesson: '34-syscall', program: 'open_modify', traffic: 'cat /etc/hostname >/dev/null', promises: 'hostname|cat' },
  { lesson: '35-user-ringbuf', program: 'user_ringbuf', traffic: 'sleep 9 & kill -USR1 $!', promises: 'SIGN +[a-z]+' },
  {
    lesson: '38-btf-uprobe',
    program: 'uprobe',
    setup: 'chmod +x examples/* 2>/dev/null',
    start: './uprobe examples/btf-base',
    lacks: 'a merged BTF of the traced program',
    promises: 'add_test\\(&d\\)'
  }
];

const network: Surroundings[] = [
  {
    lesson: '41-xdp-tcpdump',
    program: 'xdp-tcpdump',
    start: './xdp-tcpdump lo',
    traffic: CONNECT,
    promises: 'Source Port: [0-9]+'
  },
  {
    lesson: '42-xdp-loadbalancer',
    program: 'xdp_lb',
    setup: PAIR,
    start: './xdp_lb lab0 10.77.0.8 de:ad:be:ef:00:02 10.77.0.9 de:ad:be:ef:00:03',
    traffic: PING_IN,
    promises: 'xdp_load_balancer received packet',
    teardown: NO_PAIR
  },
  { lesson: '43-kfuncs', program: 'kfunc', traffic: LINK_FILE, promises: 'Hello, world! \\(pid: ' },
  { lesson: '44-scx-simple', program: 'scx_simple', promises: 'local=[0-9]+ global=' },
  { lesson: '45-scx-nest', program: 'scx_nest', promises: '=[0-9]+' },
  {
    lesson: '46-xdp-test',
    program: 'xdp-pktgen',
    setup: 'ip link add index 6 name lab0 type veth peer name lab1; ip link set lab0 up; ip link set lab1 up',
    start:
      './xdp-pktgen & sleep 2; cat /sys/class/net/lab0/statistics/*_packets | paste -sd" " | sed "s/^/counters /"; wait',
    promises: 'counters .*[1-9][0-9]{2}',
    teardown: 'ip link delete lab0'
  },
  {
    lesson: '47-cuda-events',
    program: 'cuda_events',
    goals: ['cuda_events'],
    lacks: "NVIDIA's CUDA library",
    promises: 'cudaMalloc'
  },
  {
    lesson: '48-energy',
    program: 'energy_monitor',
    start: './energy_monitor -d 4 -v -p 15.0',
    traffic: 'ls >/dev/null',
    promises: '[0-9]+ +[a-z]+ +[0-9.]+ +[0-9.]+|runtime=[0-9]+'
  },
  {
    lesson: '49-hid',
    program: 'hid-input-modifier',
    setup: 'modprobe uhid; modprobe hid-generic',
    promises: 'Modified: X=-?[0-9]+'
  },
  {
    lesson: '50-tcx',
    program: 'tcx_demo',
    start: './tcx_demo -i lo -d 6',
    traffic: PING,
    promises: 'COUNTERS stats_hits=[1-9]'
  },
  {
    lesson: '51-tcp-quarantine',
    program: 'tcp_quarantine',
    setup: `python3 -c 'import socket,time
s=socket.create_server(("127.0.0.1",7070)); c=socket.create_connection(("127.0.0.1",7070)); time.sleep(60)' & server=$!; sleep 1`,
    start: './tcp_quarantine 127.0.0.1:7070',
    promises: 'SUMMARY mode=.* established=[1-9]',
    teardown: END_SERVER,
    ends: true
  }
];

const recent: Surroundings[] = [
  {
    lesson: '52-fsession-latency',
    program: 'fsession_latency',
    start: './fsession_latency --threshold-us 1 --duration 8',
    traffic: 'cat /etc/hostname >/dev/null',
    promises: 'EVENT comm='
  },
  {
    lesson: '53-egress-pacer',
    program: 'egress_pacer',
    setup: PAIR,
    start: './egress_pacer --interface lab0 --rate-kbps 64000 --duration 6',
    traffic: 'ping -c 1 -W 1 10.77.0.2 >/dev/null',
    promises: 'SUMMARY enqueued=[1-9][0-9]* dequeued=[1-9]',
    teardown: NO_PAIR
  },
  {
    lesson: '54-exec-image-inspector',
    program: 'exec_image_inspector',
    traffic: 'ls >/dev/null',
    promises: 'EXEC pid=[0-9]+'
  },
  {
    lesson: 'cgroup',
    program: 'cgroup_guard',
    setup: `mkdir -p /sys/fs/cgroup/lesson; ${SERVE}`,
    start: './cgroup_guard --cgroup /sys/fs/cgroup/lesson --block-port 8000',
    traffic: `(echo $BASHPID >/sys/fs/cgroup/lesson/cgroup.procs; ${FETCH})`,
    promises: 'DENY connect4',
    teardown: `${END_SERVER}; sleep 0.3; rmdir /sys/fs/cgroup/lesson`
  },
  { lesson: 'bpf_arena', program: 'arena_list', start: './arena_list 10', promises: 'Test passed', ends: true },
  { lesson: 'bpf_iters', program: 'task_stack', start: './task_stack', promises: '=== Task: ', ends: true },
  {
    lesson: 'bpf_token',
    program: 'token_trace',
    start: './token_trace -i lo',
    traffic: PING,
    promises: 'delta +: [0-9]+',
    ends: true
  },
  { lesson: 'bpf_token', program: 'token_userns_demo', goals: ['all'], promises: 'delta +: [0-9]+', ends: true },
  { lesson: 'bpf_wq', program: 'wq_simple', promises: 'Test PASSED', ends: true },
  {
    lesson: 'dynptr',
    program: 'dynptr_tc',
    setup: `${PAIR}; ip netns exec peer python3 -m http.server 8080 --bind 10.77.0.2 >/dev/null 2>&1 & server=$!; sleep 1.5`,
    start: './dynptr_tc -i lab0 -p 0 -s 32',
    traffic: 'curl -s -m 2 -o /dev/null http://10.77.0.2:8080/',
    promises: '10\\.77\\.0\\.2:8080 -> .* len=',
    teardown: `${END_SERVER}; ${NO_PAIR}`
  },
  {
    lesson: 'struct_ops',
    program: 'struct_ops',
    lacks: "the lesson's kernel module",
    promises: 'test_2\\(10, 20\\) returned: 30|BPF test_1 called'
  }
];

const all = [...firstProgram, ...basics, ...applied, ...network, ...recent];

/** What is known of a program; one that nobody has written down is started as it is, and any line is its promise. */
export function surroundingsOf(lesson: string, program: string): Surroundings {
  const known = all.find(one => one.lesson === lesson && one.program === program);
  return known ?? { lesson, program, traffic: 'ls >/dev/null', promises: '.' };
}
