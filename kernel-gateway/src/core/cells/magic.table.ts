/**
 * Every magic, once: the parser, `%lsmagic`, `?` help and completion read this table. Usage lines are in the form of
 * a manual page; a `value` names what an option takes.
 */

/** One GNU style option. `value` is empty for a switch. */
export interface OptionSpec {
  name: string;
  value: string;
  repeatable: boolean;
  summary: string;
}

/** One magic. `positional` says how many words without an option it takes before `--`. */
export interface MagicSpec {
  name: string;
  scope: 'cell' | 'line';
  usage: string;
  summary: string;
  /** Longer text of the help, one sentence per entry. */
  details: readonly string[];
  options: readonly OptionSpec[];
  positional: { min: number; max: number };
  /** Words after `--` go to the program. */
  passesArgs: boolean;
}

const option = (name: string, value: string, summary: string, repeatable = false): OptionSpec => ({
  name,
  value,
  repeatable,
  summary
});

const waiting = [
  option('for', 'DURATION', 'Block that long (500ms, 5s, 2m), then end the run.'),
  option('events', 'N', 'End the run after N events, and block until then.'),
  option('wait', '', 'Block until the run ends by itself.'),
  option('target', 'NAME', "Run on this target (vm, host, pod, pod:NODE, pod:all, replay) instead of the session's."),
  option(
    'node',
    'NAME',
    'Run on this node of the cluster, or with all on every node at once: the same as --target pod:NAME.'
  )
];

const attaching = [
  option(
    'attach',
    'PROG:KEY=VALUE[,…]',
    'Attach options of one program, for example count:ifname=veth0,direction=egress.',
    true
  ),
  option('ifname', 'INTERFACE', 'Network interface for xdp, tc and socket programs.'),
  option('cgroup', 'PATH', "Control group for cgroup programs; without it, the session's own."),
  option('pid', 'PID', 'Process for uprobe, usdt and perf_event programs.'),
  option(
    'attach-target',
    '[PROG=][RUN.]TARGET',
    'Loaded program of the session whose function freplace, fentry and fexit programs are for.',
    true
  ),
  option('no-attach', '', 'Load only.'),
  option('only', 'PROG', 'Load and attach only this program.', true)
];

const building = [
  option('set', 'NAME=VALUE', 'Initial value of a global variable.', true),
  option('keep-maps', '', 'Keep the contents of maps that have the same shape as in the run before.'),
  option(
    'pristine',
    '',
    'Compile the text as it is: no record types of rings, no count of lost events, no sorting of printk lines.'
  )
];

const choosing = [
  option('type', 'MAP=TYPE', 'Record type of a ring or perf buffer, for example --type "rb=struct event".', true)
];

const restricting = [
  option('pod', '[NAMESPACE/]NAME', 'Let the program see only this pod; with the target pod, on the node where it is.'),
  option('selector', 'LABELS', 'Let the program see only pods with these labels, for example app=web,tier!=db.'),
  option('container', 'NAME', 'Only the containers of this name in the pods.'),
  option('namespace', 'NAME', "Namespace of the pods; without it, that of the kubeconfig's context.")
];

const comparing = [
  option(
    'kernel',
    'RELEASE[,…]|all',
    'Run on these installed kernels, each in a virtual machine of its own, and compare what happens in a table.'
  )
];

const feeding = [
  option('stdin', 'TEXT', 'A line for its standard input, which ends after the last one.', true),
  option('stdin-file', 'PATH', 'File of the session that is its standard input.')
];

const none = { min: 0, max: 0 };
const any = { min: 0, max: 1000 };

const cell = (name: string, spec: Omit<MagicSpec, 'name' | 'scope'>): MagicSpec => ({ name, scope: 'cell', ...spec });
const line = (name: string, usage: string, summary: string, more: Partial<MagicSpec> = {}): MagicSpec => ({
  name,
  scope: 'line',
  usage,
  summary,
  details: [],
  options: [],
  positional: none,
  passesArgs: false,
  ...more
});

/** Cell magics first, each group in the order in which help shows it. */
export const magicTable: readonly MagicSpec[] = [
  cell('bpf', {
    usage: '%%bpf [NAME] [OPTIONS]',
    summary: 'Compile, load and attach a BPF program in C, and show its events and maps.',
    details: [
      'A cell without a magic is a BPF program too.',
      'The cell is done when the program is attached; the run lives on until it is stopped, the cell is run again or the session ends.',
      'A cell without any #include gets vmlinux.h, bpf_helpers.h, bpf_tracing.h and bpf_core_read.h.'
    ],
    options: [...waiting, ...comparing, ...building, ...attaching, ...choosing, ...restricting],
    positional: { min: 0, max: 1 },
    passesArgs: false
  }),
  cell('user', {
    usage: '%%user [NAME] [OPTIONS] [-- ARGS…]',
    summary:
      'Compile a user-space program in C with the skeletons (NAME.skel.h) of the BPF cells, and run it on the target.',
    details: [
      'The program is linked with libbpf, libelf and zlib.',
      'It runs until it ends or is stopped.',
      'When it reads its standard input, the notebook asks for a line.'
    ],
    options: [...waiting, ...comparing, option('bg', '', 'Do not wait for its end.'), ...feeding, ...restricting],
    positional: { min: 0, max: 1 },
    passesArgs: true
  }),
  cell('make', {
    usage: '%%make [DIR] [OPTIONS] [-- GOALS…]',
    summary:
      "Build a folder of programs with its own Makefile or by cargo, and run the cell's script beside them on the target.",
    details: [
      "DIR is beside the notebook; without it, the notebook's own folder. Files that %%file wrote lie over it.",
      'clang, libbpf, bpftool and vmlinux.h are where Makefiles of libbpf-bootstrap and its kin look for them.',
      'The rest of the cell is a shell script that runs in the built folder, such as ./bootstrap -d 10; without it, the cell only builds.',
      'Words after -- are goals of make and NAME=VALUE.',
      'A folder with a Cargo.toml and no Makefile is built by cargo, with the words after -- as options, such as -- --release.'
    ],
    options: [option('bg', '', 'Keep the script running beside the next cells.'), ...waiting, ...feeding],
    positional: { min: 0, max: 1 },
    passesArgs: true
  }),
  cell('file', {
    usage: '%%file PATH',
    summary: 'Write the rest of the cell into a file of the session, such as a header that other cells include.',
    details: [
      'The file is there for the compiler and the targets until the session ends; run the cell again in the next one.'
    ],
    options: [],
    positional: { min: 1, max: 1 },
    passesArgs: false
  }),
  cell('sh', {
    usage: '%%sh [--bg] [OPTIONS]',
    summary: 'Run a shell script on the target, for example to make the traffic that a program sees.',
    details: ['When it reads its standard input, the notebook asks for a line.'],
    options: [option('bg', '', 'Keep it running beside the next cells.'), ...waiting, ...feeding],
    positional: none,
    passesArgs: false
  }),
  cell('bcc', {
    usage: '%%bcc [OPTIONS] [-- ARGS…]',
    summary: 'Run a bcc program in Python on the target, where it is compiled.',
    details: [
      'It needs the headers of the kernel: npx bpflab image add kernel-headers, once.',
      'bcc takes much memory: a smaller virtual machine is exchanged for one of 768 MiB first.'
    ],
    options: [option('bg', '', 'Keep it running beside the next cells.'), ...waiting, ...feeding],
    positional: none,
    passesArgs: true
  }),
  cell('insn', {
    usage: '%%insn [NAME] [OPTIONS]',
    summary: 'Assemble BPF instructions, show them with their bytes, and load them by the bare bpf() system call.',
    details: [
      "Either the kernel's assembler syntax, a statement a line or with semicolons between them: r0 = 0; exit",
      'or macros of struct bpf_insn: BPF_MOV64_IMM(BPF_REG_0, 0), BPF_EXIT_INSN()',
      "The verifier's whole log is shown; a program that works on packets is run once on 64 zero bytes."
    ],
    options: [
      option('type', 'TYPE', 'Program type: socket_filter (without it), xdp, sched_cls, kprobe, tracepoint, ….'),
      option('license', 'TEXT', 'License that is declared; GPL without it.'),
      option('target', 'NAME', "Load on this target (vm, host) instead of the session's.")
    ],
    positional: { min: 0, max: 1 },
    passesArgs: false
  }),
  cell('bpftrace', {
    usage: '%%bpftrace [NAME] [OPTIONS] [-- ARGS…]',
    summary: 'Run a bpftrace script on the target.',
    details: ["Words after -- are the script's positional parameters $1, $2, …."],
    options: [...comparing, ...waiting, ...restricting],
    positional: { min: 0, max: 1 },
    passesArgs: true
  }),
  cell('testrun', {
    usage: '%%testrun [PROGRAM] [OPTIONS]',
    summary: 'Run a loaded program on packets that the cell describes, and show its verdict and what it changed.',
    details: [
      'PROGRAM is the name of a loaded program; without it, the only one that can be test-run.',
      'A line for each header: eth, vlan, arp, ipv4, ipv6, tcp, udp, icmp, icmpv6 with FIELD=VALUE …; then payload "text".',
      'What is not given is filled in: headers below, lengths, checksums, addresses. hex 0a 1b … gives bytes as they are.',
      '--- NAME begins the next packet. expect VERDICT fails the cell when another one comes. context FIELD=VALUE sets the context.'
    ],
    options: [
      option('repeat', 'N', 'Run each packet N times, for a steady time per run; the verdict is of the first.'),
      option('target', 'NAME', "Look for the program on this target (vm, host) instead of the session's.")
    ],
    positional: { min: 0, max: 1 },
    passesArgs: false
  }),
  cell('kubectl', {
    usage: '%%kubectl [COMMAND]',
    summary: "Look at the session's cluster and change it, in kubectl's words.",
    details: [
      'Verbs: get, describe, logs, apply -f -, create -f -, delete, exec POD -- COMMAND, wait --for=….',
      'Without a command on the first line, each line of the cell is one; with one, the rest of the cell is what -f - reads.',
      "The gateway asks the cluster itself: no process of a cell has the cluster's credential."
    ],
    options: [],
    positional: any,
    passesArgs: true
  }),
  cell('deploy', {
    usage: '%%deploy [NAME] [--timeout DURATION]',
    summary:
      'Apply the objects of the cell to the cluster, wait until they are ready, and remove them with the session.',
    details: [
      '$LAB_IMAGE in the text is the image of the agents, which every node has.',
      'Run again, the cell removes what it made and applies it anew. An object that somebody else has made is not touched.'
    ],
    options: [option('timeout', 'DURATION', 'Give up waiting after that time; 60s without it.')],
    positional: { min: 0, max: 1 },
    passesArgs: false
  }),
  line('maps', '%maps [NAME…]', "Show the maps of the session's runs and what they hold.", { positional: any }),
  line('progs', '%progs', "Show the programs of the session's runs with run count and time."),
  line('links', '%links', 'Show where the programs are attached.'),
  line('btf', '%btf NAME…', "Show a type or function of the target's kernel as C.", {
    positional: { min: 1, max: 1000 }
  }),
  line('target', '%target [NAME]', 'Show the target, or change it.', {
    positional: { min: 0, max: 1 },
    options: [
      option('kernel', 'RELEASE', 'Kernel of the vm target, one of %kernels.'),
      option('node', 'NAME', 'Use this node of the cluster, or all of them: the same as %target pod:NAME.'),
      option('network', 'own|target', 'A network namespace of the session alone, or the one of the target (default).')
    ]
  }),
  line(
    'preflight',
    '%preflight [FOLDER]',
    "Say which of a lesson's programs the target runs, and what the others lack.",
    {
      positional: { min: 0, max: 1 },
      details: [
        "Without a folder: the notebook's own lesson, or what the session has compiled. Nothing is loaded.",
        'A program that the target cannot run is looked for on the other kernels that are installed.'
      ]
    }
  ),
  line('kernels', '%kernels', 'Show the kernels that are installed for the vm target.'),
  line('set', '%set [[RUN.]NAME=VALUE…]', 'Change global variables of a live run; without words, list them.', {
    positional: any
  }),
  line(
    'save',
    '%save VIEW [PATH]',
    'Write the rows of a view into a file beside the notebook (.csv, .json, .jsonl or .parquet by its ending).',
    {
      positional: { min: 1, max: 2 },
      details: ['A file that the session has written before is replaced, any other one only with --force.'],
      options: [
        option('force', '', 'Replace a file that is there.'),
        option('where', 'EXPRESSION', 'Only rows that the filter expression keeps.')
      ]
    }
  ),
  line('stop', '%stop [NAME…]', 'Stop runs by name; without words, all of them.', { positional: any }),
  line('record', '%record [NAME | --stop]', 'Record the session into a file beside the notebook; show how it stands.', {
    positional: { min: 0, max: 1 },
    details: ['A recording begins with a new target and has its data, the cells and their times (NAME.bpfrec).'],
    options: [option('stop', '', 'End the recording.'), option('force', '', 'Replace a file that is there.')]
  }),
  line('reset', '%reset', 'Stop everything and give the session a new target.'),
  line(
    'wait',
    '%wait CONDITION… [--timeout DURATION]',
    'Block until all conditions hold: events>=10, maps.NAME>=3, ended, or a duration.',
    {
      positional: { min: 1, max: 1000 },
      options: [option('timeout', 'DURATION', 'Give up after that time; 30s without it.')]
    }
  ),
  line('nodes', '%nodes', "Show the nodes of the session's cluster: kernel, agent, taints."),
  line('pods', '%pods [OPTIONS]', 'Show pods of the cluster: node, state, address, containers.', {
    options: [
      option('namespace', 'NAME', "Pods of this namespace; without it, that of the kubeconfig's context."),
      option('all', '', 'Pods of all namespaces.'),
      option('selector', 'LABELS', 'Only pods with these labels.'),
      option('node', 'NAME', 'Only pods on this node.')
    ]
  }),
  line('check', '%check [STEP]', "Look at the checks of the lab's current step, or of the one named.", {
    positional: { min: 0, max: 1 }
  }),
  line('hint', '%hint [STEP]', "Show the next hint for the lab's current step, or for the one named.", {
    positional: { min: 0, max: 1 }
  }),
  line('solution', '%solution [STEP]', "Show the solution of the lab's current step, or of the one named.", {
    positional: { min: 0, max: 1 }
  }),
  line('lsmagic', '%lsmagic', 'List all magics.')
];

/** Looks a magic up by scope and name; `%%writefile` is IPython's name for `%%file`. */
export function findMagic(scope: 'cell' | 'line', name: string): MagicSpec | undefined {
  const wanted = scope === 'cell' && name === 'writefile' ? 'file' : name;
  return magicTable.find(magic => magic.scope === scope && magic.name === wanted);
}
