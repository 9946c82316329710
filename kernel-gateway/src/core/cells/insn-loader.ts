/** Program types that raw instructions can be loaded as, with their names in linux/bpf.h. */
export const insnProgramTypes: Readonly<Record<string, string>> = {
  socket_filter: 'BPF_PROG_TYPE_SOCKET_FILTER',
  kprobe: 'BPF_PROG_TYPE_KPROBE',
  sched_cls: 'BPF_PROG_TYPE_SCHED_CLS',
  sched_act: 'BPF_PROG_TYPE_SCHED_ACT',
  tracepoint: 'BPF_PROG_TYPE_TRACEPOINT',
  xdp: 'BPF_PROG_TYPE_XDP',
  perf_event: 'BPF_PROG_TYPE_PERF_EVENT',
  cgroup_skb: 'BPF_PROG_TYPE_CGROUP_SKB',
  raw_tracepoint: 'BPF_PROG_TYPE_RAW_TRACEPOINT',
  syscall: 'BPF_PROG_TYPE_SYSCALL'
};

/** Types that the kernel runs on a packet of ours. */
const onPackets = new Set(['socket_filter', 'sched_cls', 'sched_act', 'xdp', 'cgroup_skb']);

/** What a loader is written for. */
export interface InsnLoad {
  /** Name in the kernel: letters, digits and `_`, at most 15. */
  name: string;
  /** A key of `insnProgramTypes`. */
  type: string;
  license: string;
  /** Instructions as they lie in memory, 8 bytes each. */
  bytes: Uint8Array;
}

/**
 * A C program that loads the instructions by the bare system call, prints what the call was given and what came of it with the
 * verifier's log, and runs them once on an empty packet when their type can be run so. Exit status 2: refused.
 */
export function insnLoader({ name, type, license, bytes }: InsnLoad): string {
  const words = Array.from({ length: Math.floor(bytes.length / 8) }, (_, index) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset + index * 8, 8);
    return `0x${view.getBigUint64(0, true).toString(16).padStart(16, '0')}ULL`;
  });
  const constant = insnProgramTypes[type] ?? 'BPF_PROG_TYPE_UNSPEC';
  return `#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const unsigned long long program[] = { ${words.join(', ')} };
static char log_text[1 << 24];

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(__NR_bpf, command, attr, sizeof(*attr));
}

static void test_run(int fd)
{
	unsigned char packet[64] = { 0 };
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = fd;
	attr.test.data_in = (unsigned long)packet;
	attr.test.data_size_in = sizeof(packet);
	attr.test.repeat = 1;
	if (bpf(BPF_PROG_TEST_RUN, &attr) < 0)
		printf("bpf(BPF_PROG_TEST_RUN, 64 zero bytes) = -1 (%s)\\n", strerror(errno));
	else
		printf("bpf(BPF_PROG_TEST_RUN, 64 zero bytes): returned %u (%d) in %u ns\\n", attr.test.retval,
		       (int)attr.test.retval, attr.test.duration);
}

int main(void)
{
	union bpf_attr attr;
	long fd;
	int error;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = ${constant};
	attr.insns = (unsigned long)program;
	attr.insn_cnt = sizeof(program) / 8;
	attr.license = (unsigned long)${JSON.stringify(license)};
	attr.log_level = 2;
	attr.log_buf = (unsigned long)log_text;
	attr.log_size = sizeof(log_text);
	strcpy(attr.prog_name, ${JSON.stringify(name.slice(0, 15))});
	fd = bpf(BPF_PROG_LOAD, &attr);
	error = errno;
	printf("bpf(BPF_PROG_LOAD, { prog_type = ${constant}, insn_cnt = %u, license = \\"%s\\" }) = %ld", attr.insn_cnt,
	       (char *)(unsigned long)attr.license, fd);
	printf(fd < 0 ? " (%s)\\n" : "\\n", strerror(error));
	fputs(log_text, stdout);
	if (fd < 0)
		return 2;
	${onPackets.has(type) ? 'test_run(fd);' : '(void)test_run;'}
	return 0;
}
`;
}
