/** A program that acts on the whole machine, not only on what the lesson looks at. */
export interface BlastRadius {
  kind: 'bpf-syscall' | 'exec-rewrite' | 'write-user' | 'kill' | 'sockops' | 'scheduler' | 'lsm';
  /** What happens to the machine while it runs, one sentence. */
  sentence: { en: string; zh: string };
}

interface Rule {
  kind: BlastRadius['kind'];
  applies: (text: string) => boolean;
  sentence: BlastRadius['sentence'];
}

const has =
  (pattern: RegExp) =>
  (text: string): boolean =>
    pattern.test(text);

const rules: readonly Rule[] = [
  {
    kind: 'bpf-syscall',
    applies: has(/SEC\("lsm(\.s)?\/bpf(_\w+)?"\)/),
    sentence: {
      en: 'While it runs, no process of the whole machine may call bpf(): every other eBPF tool stops working.',
      zh: '运行期间，整台机器上的任何进程都不能调用 bpf()：其他所有 eBPF 工具都会失效。'
    }
  },
  {
    kind: 'exec-rewrite',
    applies: text => /bpf_probe_write_user\s*\(/.test(text) && /sys_enter_execve|__x64_sys_execve/.test(text),
    sentence: {
      en: 'It rewrites what is executed: every program that anybody starts on the machine may become another one.',
      zh: '它会改写被执行的程序：机器上任何人启动的每个程序都可能变成另一个。'
    }
  },
  {
    kind: 'write-user',
    applies: has(/bpf_probe_write_user\s*\(/),
    sentence: {
      en: 'It writes into the memory of other processes of the machine.',
      zh: '它会写入机器上其他进程的内存。'
    }
  },
  {
    kind: 'kill',
    applies: has(/bpf_send_signal(_thread)?\s*\(/),
    sentence: {
      en: 'It sends signals to processes of the whole machine, which may end them.',
      zh: '它会向整台机器上的进程发送信号，可能使其终止。'
    }
  },
  {
    kind: 'sockops',
    applies: has(/SEC\("sockops"\)/),
    sentence: {
      en: 'On the root control group it sees, and may redirect, every TCP connection of the machine.',
      zh: '挂载到根 cgroup 时，它能看到并可能重定向机器上的每个 TCP 连接。'
    }
  },
  {
    kind: 'scheduler',
    applies: has(/SEC\("\.struct_ops(\.link)?"\)[\s\S]{0,80}sched_ext_ops|SCX_OPS_DEFINE/),
    sentence: {
      en: 'It replaces the scheduler of the whole machine.',
      zh: '它会替换整台机器的调度器。'
    }
  },
  {
    kind: 'lsm',
    applies: has(/SEC\("lsm(\.s)?\//),
    sentence: {
      en: 'It decides for every process of the machine what the hook allows.',
      zh: '它会替机器上的每个进程决定该钩子允许什么。'
    }
  }
];

/** Kinds that say what a later one says in general. */
const covers: Partial<Record<BlastRadius['kind'], BlastRadius['kind']>> = {
  'bpf-syscall': 'lsm',
  'exec-rewrite': 'write-user'
};

/** What a BPF program's text does to the whole machine; empty for one that only looks. */
export function blastRadius(text: string): BlastRadius[] {
  const found = rules.filter(rule => rule.applies(text));
  const covered = new Set(found.map(({ kind }) => covers[kind]));
  return found.filter(({ kind }) => !covered.has(kind)).map(({ kind, sentence }) => ({ kind, sentence }));
}
