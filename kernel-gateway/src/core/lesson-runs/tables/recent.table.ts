import type { Surroundings } from '../surroundings.js';
import { AWAIT_PORT, END_SERVER, FETCH, MODULE, NO_MODULE, NO_PAIR, PAIR, PING, SERVE } from './shell-pieces.js';

/** Lessons from 52 on, and those of single features, of bpf-developer-tutorial. */
export const recentPrograms: Surroundings[] = [
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
    start: './egress_pacer --interface lab0 --rate-kbps 64000 --duration 15',
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
    setup: `${PAIR}; ip netns exec peer busybox httpd -f -p 10.77.0.2:8080 -h / & server=$!; ${AWAIT_PORT} 10.77.0.2 8080`,
    start: './dynptr_tc -i lab0 -p 0 -s 32',
    traffic: 'curl -s -m 2 -o /dev/null http://10.77.0.2:8080/',
    promises: '10\\.77\\.0\\.2:8080 -> .* len=',
    teardown: `${END_SERVER}; ${NO_PAIR}`
  },
  {
    lesson: 'struct_ops',
    program: 'struct_ops',
    setup: MODULE,
    promises: 'BPF test_2 called: 10 \\+ 20 = 30',
    teardown: NO_MODULE,
    layer: 'kernel-headers',
    module: { brings: ['bpf_struct_ops_bpf_testmod_ops'], since: [6, 11] }
  }
];
