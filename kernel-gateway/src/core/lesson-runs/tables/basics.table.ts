import type { Surroundings } from '../surroundings.js';
import { CONNECT, LINK_FILE, PING, READLINE } from './shell-pieces.js';

/** Lessons 1 to 21 of bpf-developer-tutorial. */
export const basicsPrograms: Surroundings[] = [
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
    traffic: READLINE,
    promises: 'PID [0-9]+ \\(bash\\) read: '
  },
  { lesson: '6-sigsnoop', program: 'sigsnoop', traffic: 'sleep 9 & kill -USR1 $!', promises: 'sent signal [0-9]+' },
  { lesson: '7-execsnoop', program: 'execsnoop', traffic: 'ls >/dev/null', promises: '[0-9]+ .*\\b(ls|bash)\\b' },
  { lesson: '8-exitsnoop', program: 'exitsnoop', traffic: 'ls >/dev/null', promises: '[0-9]+ .*\\bls\\b' },
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
    setup: `/usr/lib/jvm/default-java/bin/java -Xmx16m -XX:+UseSerialGC tests/HelloWorld.java >/tmp/lesson-java 2>&1 & java=$!
for t in $(seq 900); do grep -q Hello /tmp/lesson-java && break; sleep 0.1; done`,
    start: './javagc -p $java',
    traffic: '/usr/lib/jvm/default-java/bin/jcmd $java GC.run',
    promises: ':[0-9]+ +[0-9]+ +[0-9]+ +[0-9]+',
    teardown: 'kill $java',
    layer: 'java',
    patienceSeconds: 90
  },
  {
    lesson: '16-memleak',
    program: 'memleak',
    start: './memleak -p $$ 2',
    promises: 'bytes in [0-9]+ allocations from stack',
    layer: 'blazesym'
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
