import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSessionCluster } from '../../kernel-gateway/src/adapters/kubernetes/session-cluster.js';
import { LabSession } from '../../kernel-gateway/src/adapters/session/lab-session.js';
import type { VmTarget } from '../../kernel-gateway/src/adapters/vm/vm-target.js';
import type { PodContainer } from '../../kernel-gateway/src/core/pods/pod-container.js';
import { createLab, type Lab } from '../../kernel-gateway/src/lab.js';
import { LabFixture } from '../integration/lab-fixture.js';
import { vmTarget } from '../integration/vm-session.js';
import { requires } from '../requires.js';

/** A control group of the machine's stands for the container of a pod: which runtime made it does not matter to the filter. */
const ID = 'c'.repeat(64);
const GROUP = `/sys/fs/cgroup/kubepods/${ID}`;
const container: PodContainer = {
  ...{ namespace: 'default', pod: 'web', node: 'vm', container: 'main', labels: '' },
  id: ID
};

/** Types that may deny: the program says no to everybody that it is asked about, and Python what became of its call. */
const denying: [section: string, args: string, verdict: string, call: string][] = [
  // Everything else of the pod would be denied too: only the process of that name is.
  ['lsm/file_open', 'struct file *file', '-1', 'open("/etc/hostname")'],
  ['lsm.s/file_open', 'struct file *file', '-1', 'open("/etc/hostname")'],
  ['fmod_ret/security_file_open', 'struct file *file', '-1', 'open("/etc/hostname")'],
  ['lsm_cgroup/socket_create', 'int family, int type', '0', 'socket.socket()'],
  ['cgroup/sock_create', '', '0', 'socket.socket()'],
  ['cgroup/bind4', '', '0', 'socket.socket().bind(("127.0.0.1", 0))'],
  ['cgroup/bind6', '', '0', 'socket.socket(socket.AF_INET6).bind(("::1", 0))'],
  ['cgroup/post_bind4', '', '0', 'socket.socket().bind(("127.0.0.1", 0))'],
  ['cgroup/connect4', '', '0', 'udp.connect(("127.0.0.1", 9))'],
  ['cgroup/sendmsg4', '', '0', 'udp.sendto(b"x", ("127.0.0.1", 9))'],
  ['cgroup/setsockopt', '', '0', 'udp.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)'],
  ['cgroup/getsockopt', '', '0', 'udp.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)'],
  ['cgroup/sysctl', '', '0', 'open("/proc/sys/kernel/ostype").read()'],
  ['cgroup/dev', '', '0', 'open("/dev/zero")']
];

/** Prints "done" or the error's name. */
const calling = (call: string): string =>
  [
    `python3 - <<'EOP'`,
    'import errno, socket',
    'udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM) if "udp" in """' + call + '""" else None',
    'comm = open("/proc/self/comm", "w")',
    'comm.write("victim")',
    'comm.flush()',
    'try:',
    `    ${call}`,
    '    print("done")',
    'except OSError as error:',
    '    print(errno.errorcode[error.errno])',
    'EOP'
  ].join('\n');

const program = (section: string, args: string, verdict: string): string => `static __always_inline int is_victim(void)
{
	char comm[16] = {};

	bpf_get_current_comm(comm, sizeof(comm));
	return comm[0] == 'v' && comm[1] == 'i' && comm[2] == 'c' && comm[3] == 't';
}
SEC("${section}")
${args === '' ? 'int deny(void *ctx)' : `int BPF_PROG(deny, ${args})`}
{
	${/file_open/.test(section) ? 'if (!is_victim()) return 0;' : ''}
	/* Two branches, so that the verifier sees two constants. */
	asm volatile("");
	return ${verdict};
}
char LICENSE[] SEC("license") = "GPL";`;

requires('vm')('the pod filter, on a real kernel', () => {
  let lab: Lab;
  let target: VmTarget;
  let cells: LabFixture;

  beforeAll(async () => {
    lab = createLab();
    target = vmTarget();
    const newSession: Lab['newSession'] = ({ id, folder, notebook = () => null }) =>
      new LabSession({
        ...{ id, folder, toolchain: lab.toolchain, target: 'vm', kernel: null, notebook },
        findProvider: () => target,
        pods: { follow: () => Promise.resolve({ containers: [container], close: () => undefined }) },
        cluster: createSessionCluster(null, id),
        labCommand: (_target, program) => [program],
        findLab: () => Promise.resolve(null),
        describeKernels: () => Promise.resolve([]),
        onClosed: () => lab.toolchain.close(folder)
      });
    cells = new LabFixture({ ...lab, newSession }, 'vm');
    await cells.ok(`%%sh\nmkdir -p ${GROUP}`);
  }, 120_000);

  afterAll(async () => {
    await cells.close();
    await target.close();
    await lab.close();
  });

  it.each(denying)(
    '%s denies in the pod, and outside it is as if it were not there',
    async (section, args, verdict, call) => {
      const pods = '--pod web --cgroup /';
      await cells.ok(
        `%%bpf deny ${/cgroup/.test(section) ? pods : '--pod web'}\n${program(section, args, verdict)}`,
        'cell'
      );
      const outside = await cells.ok(`%%sh\n${calling(call)}`);
      expect(outside.stdout.trim(), 'outside').toBe('done');
      const inside = await cells.ok(`%%sh\necho 0 >${GROUP}/cgroup.procs || exit 1\n${calling(call)}`);
      expect(inside.stdout.trim(), 'in the pod').toBe('EPERM');
      await cells.ok('%stop');
    }
  );

  it.each([
    ['xdp', 'struct xdp_md'],
    ['tcx/ingress', 'struct __sk_buff'],
    ['tc', 'struct __sk_buff'],
    ['cgroup_skb/egress', 'struct __sk_buff'],
    ['sockops', 'struct bpf_sock_ops'],
    ['sk_msg', 'struct sk_msg_md'],
    ['sk_skb/stream_verdict', 'struct __sk_buff'],
    ['sk_lookup', 'struct bpf_sk_lookup'],
    ['sk_reuseport', 'struct sk_reuseport_md'],
    ['socket', 'struct __sk_buff']
  ])(
    '%s runs for packets and not for tasks: alone it is refused, beside others it is named and left as it is',
    async (section, context) => {
      const packets = `SEC("${section}")\nint packets(${context} *ctx)\n{\n\treturn 1;\n}\n`;
      const { outcome } = await cells.run(
        `%%bpf alone --pod web --no-attach\n${packets}char LICENSE[] SEC("license") = "GPL";`
      );
      expect(outcome).toMatchObject({ kind: 'failed', code: 'BPFLAB_POD_FILTER' });
      const task = program('lsm/file_open', 'struct file *file', '0');
      const { stderr } = await cells.ok(`%%bpf beside --pod web --no-attach\n${packets}${task}`, 'cell');
      expect(stderr).toContain(`These have no task to ask and see the whole node: ${section}.`);
      // As many instructions as it was written with: r0 = 1, exit.
      const programs = cells.card('beside').programs;
      expect(programs.find(one => one.name === 'packets')).toMatchObject({ verified_insns: 2 });
      await cells.ok('%stop');
    }
  );
});
