import type { Surroundings } from '../surroundings.js';
import { LINK_FILE, PING, PROBED_LIBC } from './shell-pieces.js';

const lesson = 'libbpf-bootstrap';

/** Programs of libbpf-bootstrap. */
export const bootstrapPrograms: Surroundings[] = [
  { lesson, program: 'minimal', promises: 'BPF triggered from PID' },
  { lesson, program: 'minimal_legacy', promises: 'BPF triggered from PID' },
  { lesson, program: 'minimal_ns', promises: 'BPF triggered from PID' },
  { lesson, program: 'bootstrap', traffic: 'ls >/dev/null', promises: 'EXEC +ls ' },
  { lesson, program: 'bootstrap_legacy', traffic: 'ls >/dev/null', promises: 'EXEC +ls ' },
  { lesson, program: 'uprobe', promises: 'uprobed_sub EXIT: return =' },
  { lesson, program: 'kprobe', traffic: LINK_FILE, promises: 'KPROBE ENTRY pid = [0-9]+, filename =' },
  {
    lesson,
    program: 'fentry',
    traffic: LINK_FILE,
    promises: 'fentry: pid = [0-9]+, filename = /tmp/lesson'
  },
  {
    lesson,
    program: 'usdt',
    setup: PROBED_LIBC,
    start: 'LD_LIBRARY_PATH=/tmp/probes ./usdt',
    promises: 'USDT auto attach to libc:setjmp'
  },
  { lesson, program: 'sockfilter', traffic: PING, promises: 'interface: lo' },
  { lesson, program: 'tc', traffic: PING, promises: 'Got IP packet: tot_len' },
  {
    lesson,
    program: 'ksyscall',
    traffic: 'sleep 9 & kill -USR1 $!',
    promises: 'KILL syscall called by PID'
  },
  { lesson, program: 'task_iter', promises: 'Task Info. Pid: [0-9]+', ends: true },
  {
    lesson,
    program: 'lsm',
    traffic: 'timeout 2 bpftool prog list >/dev/null 2>&1',
    promises: 'LSM: block bpf\\(\\) worked',
    refused: {
      since: [6, 15],
      because:
        'its bpf_lsm_bpf has a fourth argument, which the program takes for the value that was returned before it'
    }
  },
  {
    lesson,
    program: 'profile',
    promises: 'COMM: .*\\(pid=',
    start: './profile --sw-event',
    traffic: 'true',
    layer: 'blazesym'
  }
];
