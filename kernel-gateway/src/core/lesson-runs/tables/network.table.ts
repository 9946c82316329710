import type { Surroundings } from '../surroundings.js';
import {
  AWAIT_PORT,
  CONNECT,
  END_SERVER,
  LINK_FILE,
  MODULE,
  NO_MODULE,
  NO_PAIR,
  PAIR,
  PING,
  PING_IN
} from './shell-pieces.js';

/** Lessons 41 to 51 of bpf-developer-tutorial. */
export const networkPrograms: Surroundings[] = [
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
  {
    lesson: '43-kfuncs',
    program: 'kfunc',
    setup: MODULE,
    traffic: LINK_FILE,
    promises: 'Hello, world! \\(pid: ',
    teardown: NO_MODULE,
    layer: 'kernel-headers',
    module: { brings: ['bpf_strstr'], since: [6, 11] }
  },
  { lesson: '44-scx-simple', program: 'scx_simple', promises: 'local=[0-9]+ global=' },
  { lesson: '45-scx-nest', program: 'scx_nest', promises: '=[0-9]+' },
  {
    lesson: '46-xdp-test',
    program: 'xdp-pktgen',
    setup:
      'ip link add index 6 name lab0 type veth peer name lab1; ethtool -K lab1 gro on; ip link set lab0 up; ip link set lab1 up',
    start: 'nice -n 19 timeout --foreground -s INT 10 ./xdp-pktgen; sleep 9',
    traffic: 'sleep 1; cat /sys/class/net/lab0/statistics/*_packets | paste -sd" " | sed "s/^/counters /"',
    promises: 'counters .*[1-9][0-9]{2}',
    teardown: 'ip link delete lab0'
  },
  {
    lesson: '47-cuda-events',
    program: 'cuda_events',
    goals: ['cuda_events'],
    lacks: "NVIDIA's CUDA library",
    promises: 'cudaMalloc +\\['
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
    setup: `busybox httpd -f -p 7070 -h / & server=$!; ${AWAIT_PORT} 127.0.0.1 7070; exec 9<>/dev/tcp/127.0.0.1/7070`,
    start: './tcp_quarantine 127.0.0.1:7070',
    promises: 'SUMMARY mode=.* established=[1-9]',
    teardown: END_SERVER,
    ends: true
  }
];
