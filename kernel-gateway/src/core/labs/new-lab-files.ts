/** The files of a new lab by name: a lab that lints and tests as it is, to be changed from there. */
export function newLabFiles(id: string): [name: string, text: string][] {
  const title = (id.split('/').at(-1) ?? id).replace(/^\d+-/, '').replaceAll('-', ' ');
  return [
    ['lab.md', page(title, { english: true })],
    ['lab.zh.md', page(title, { english: false })],
    ['lab.json', data],
    [
      'solution.md',
      `The program belongs on the tracepoint of a started program.\n\n${cell('sched/sched_process_exec')}`
    ],
    [
      'wrong/hook.md',
      `---\nkind: mistake\nfails: [attached]\n---\n\nThe wrong tracepoint.\n\n${cell('sched/sched_process_exit')}`
    ],
    [
      'wrong/printed.md',
      '---\nkind: cheat\nfails: [attached]\n---\n\nIt only says so.\n\n```{code-cell} c\n:name: count\n\n%%sh\necho attached\n```\n'
    ]
  ];
}

const cell = (hook: string): string => `\`\`\`{code-cell} c
:name: count

%%bpf count
SEC("tp/${hook}")
int count(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
\`\`\`
`;

const data = `${JSON.stringify(
  {
    next: '',
    setup: [],
    cleanup: [],
    steps: {
      attach: {
        checks: [
          {
            id: 'attached',
            title: { en: 'A tracepoint program is on sched_process_exec', zh: '跟踪点程序挂在 sched_process_exec 上' },
            program: { type: 'tracepoint', attached: 'sched_process_exec' }
          }
        ]
      }
    }
  },
  null,
  2
)}\n`;

function page(title: string, { english }: { english: boolean }): string {
  const say = (en: string, zh: string): string => (english ? en : zh);
  return `---
title: ${title}
minutes: 10
objectives:
  - ${say('Attach a program', '挂上一个程序')}
needs:
  kernel: "5.8"
  program_types: [tracepoint]
prerequisites: []
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: eBPF (C)
  language: c
  name: bpflab
---

# ${title}

${say('What this is about.', '这个实验讲什么。')}

<!-- step: attach -->

## ${say('Attach it', '挂上它')}

${cell('syscalls/sys_enter_execve')}
\`\`\`{hint}
${say('The section names the place.', '节名说明位置。')}
\`\`\`

## ${say('What to remember', '要记住的')}

- ${say('One thing.', '一件事。')}

## ${say('Where this is in the kernel', '内核里在哪里')}

\`include/trace/events/sched.h\`
`;
}
