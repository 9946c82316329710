/**
 * The JSON of the agent's control frames, protocol version 1: what each verb takes and gives.
 *
 * Names are snake_case; 64-bit values are decimal strings; bytes are lower-case hex. Every request has an id that the
 * reply repeats; replies may come in any order. Stream numbers are chosen by the gateway (1 … 2^31-1) and never re-used
 * within a session.
 */
import { z } from 'zod';

/** Version of frames and messages together; both sides refuse another. */
export const AGENT_PROTOCOL_VERSION = 1;

const u64 = z.string().regex(/^\d{1,20}$/);
const hex = z.string().regex(/^([0-9a-f]{2})*$/);
const stream = z.number().int().positive();
const runId = z.string().regex(/^[a-z0-9-]{1,40}$/);

/**
 * First frame of the gateway. `after` resumes a session whose connection broke (sockets of a pod only): how many frames
 * of the agent it has seen since the session began, hellos, pings and pongs not counted; 0 in a new session.
 */
export const clientHelloSchema = z.object({
  protocol: z.number().int(),
  session: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  after: u64,
  /** CLOCK_REALTIME to set in a restored guest; absent on shared nodes. */
  realtime_ns: u64.optional(),
  /** 32 bytes for the guest's random pool after a restore. */
  entropy: hex.optional(),
  /** Seconds that the session outlives its gateway. */
  lease_s: z.number().int().positive().default(10)
});

/** First frame of the agent. */
export const agentHelloSchema = z.object({
  protocol: z.number().int(),
  agent_version: z.string(),
  session: z.string(),
  worker_pid: z.number().int(),
  kernel_release: z.string(),
  arch: z.string(),
  page_size: z.number().int(),
  cpus_online: z.number().int(),
  cpus_possible: z.number().int(),
  capabilities: z.array(z.string()),
  /** sha256 of /sys/kernel/btf/vmlinux, empty when there is none. */
  btf_id: z.string(),
  realtime_ns: u64,
  monotonic_ns: u64,
  boot_id: z.string(),
  cgroup_path: z.string(),
  trace_instance: z.string(),
  libbpf_version: z.string(),
  /** The session goes on: the frames after the client's `after` follow. Absent in a new session. */
  resumed: z.boolean().optional(),
  /** How many frames of the gateway (hellos, pings, pongs not counted) had arrived; what came after is to be sent again. */
  received: u64.optional()
});

/** The part of a failed reply: `code` is one of `errors.ts`; `errno` is the kernel's name for it, such as "EPERM". */
export const agentErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  errno: z.string().optional(),
  /** Program, map, link … that the failure is about. */
  subject: z.string().optional(),
  /** libbpf's own lines of this operation, newest last, at most 64 KiB (the verifier's log goes over its stream, whole). */
  libbpf_log: z.string().optional()
});

/** Options of one program at load; absent: libbpf's own choice from the section name. */
export const programLoadSchema = z.object({
  autoload: z.boolean().optional(),
  /** Log level asked of the verifier: 0 none, 1 on refusal only, 2 whole log also of an accepted program, 4 statistics. */
  log_level: z.number().int().optional(),
  attach_target: z.object({ prog_id: z.number().int().optional(), func: z.string() }).optional()
});

/** Where and how to attach; absent fields: libbpf's auto-attach by section name. */
export const attachOptionsSchema = z.object({
  /** xdp, tc, tcx, netkit: interface name; `direction` for tc/tcx. */
  ifname: z.string().optional(),
  direction: z.enum(['ingress', 'egress']).optional(),
  /** xdp: skb | drv | hw. */
  xdp_mode: z.enum(['skb', 'drv', 'hw']).optional(),
  priority: z.number().int().optional(),
  /** cgroup/…: path below the cgroup2 mount; absent: the session's own cgroup. */
  cgroup: z.string().optional(),
  /** uprobe, usdt. */
  binary: z.string().optional(),
  pid: z.number().int().optional(),
  func: z.string().optional(),
  offset: u64.optional(),
  usdt_provider: z.string().optional(),
  usdt_name: z.string().optional(),
  retprobe: z.boolean().optional(),
  /** perf_event: software cpu-clock sampling. */
  freq_hz: z.number().int().optional(),
  /** sk_skb, sk_msg, …: name of a loaded sockmap. */
  map: z.string().optional(),
  /** socket filter: a raw packet socket on this interface. */
  socket_ifname: z.string().optional(),
  /** netns path for sk_lookup, flow_dissector. */
  netns: z.string().optional(),
  /** user cookie returned by bpf_get_attach_cookie(). */
  cookie: u64.optional()
});

/** One operation of the gateway. `verb` selects the shape. */
export const requestSchema = z.discriminatedUnion('verb', [
  /** Content for later verbs: bytes follow as DATA on `stream`, then END. Nothing follows when the reply says `have`. */
  z.object({ id: z.number().int(), verb: z.literal('put'), stream, sha256: hex, size: z.number().int().nonnegative() }),
  /** A put blob appears as a file below the session's folder in the target. */
  z.object({
    id: z.number().int(),
    verb: z.literal('place'),
    sha256: hex,
    path: z.string(),
    mode: z.number().int().default(0o644)
  }),
  z.object({
    id: z.number().int(),
    verb: z.literal('load'),
    run: runId,
    sha256: hex,
    object_name: z.string(),
    programs: z.record(z.string(), programLoadSchema).default({}),
    /** Bytes written over the initial value of a global-data map before load. */
    globals: z.array(z.object({ map: z.string(), offset: z.number().int().nonnegative(), bytes: hex })).default([]),
    maps: z
      .record(
        z.string(),
        z.object({
          max_entries: z.number().int().optional(),
          /** RINGBUF: take key_size and value_size from the object away (a `__type(value, …)` hint). */
          clear_sizes: z.boolean().optional(),
          /** Re-use the map of that kernel id instead of making one. */
          reuse_id: z.number().int().optional(),
          pin: z.string().optional()
        })
      )
      .default({}),
    /** Minimal BTF (a put blob) for CO-RE relocation instead of the target's own. */
    core_btf: hex.optional(),
    /** Receives the whole verifier log of the program that was refused, or of each at log_level 2: plain bytes, END at the end. */
    log_stream: stream
  }),
  z.object({
    id: z.number().int(),
    verb: z.literal('attach'),
    run: runId,
    program: z.string(),
    options: attachOptionsSchema.default({})
  }),
  z.object({ id: z.number().int(), verb: z.literal('detach'), run: runId, link: z.number().int() }),
  /** Ends a run: detaches, unloads, kills its processes; the reply comes when nothing of it is left. */
  z.object({ id: z.number().int(), verb: z.literal('stop'), run: runId }),
  /** Record stream of a ring or perf buffer of a loaded run, of the run's printk lines, or of an iterator link's text. */
  z.object({
    id: z.number().int(),
    verb: z.literal('subscribe'),
    run: runId,
    stream,
    source: z.enum(['ring', 'perf', 'printk', 'iter']),
    map: z.string().optional(),
    link: z.number().int().optional(),
    pages: z.number().int().optional()
  }),
  z.object({ id: z.number().int(), verb: z.literal('unsubscribe'), stream }),
  /**
   * Map entries as a record stream, END after the last. record = key bytes | value bytes (per-CPU: possible CPUs × value
   * rounded up to 8), no padding between. `map_id` is a kernel id.
   */
  z.object({
    id: z.number().int(),
    verb: z.literal('map_read'),
    map_id: z.number().int(),
    stream,
    cursor: hex.optional(),
    limit: z.number().int().positive().optional()
  }),
  z.object({ id: z.number().int(), verb: z.literal('map_lookup'), map_id: z.number().int(), key: hex }),
  z.object({
    id: z.number().int(),
    verb: z.literal('map_update'),
    map_id: z.number().int(),
    entries: z.array(z.object({ key: hex, value: hex })),
    flags: z.number().int().default(0)
  }),
  z.object({ id: z.number().int(), verb: z.literal('map_delete'), map_id: z.number().int(), keys: z.array(hex) }),
  /** Queue and stack: push a value, pop or peek one. */
  z.object({
    id: z.number().int(),
    verb: z.literal('map_pop'),
    map_id: z.number().int(),
    peek: z.boolean().default(false)
  }),
  /** One sample into a BPF_MAP_TYPE_USER_RINGBUF. */
  z.object({
    id: z.number().int(),
    verb: z.literal('user_ring_submit'),
    map_id: z.number().int(),
    records: z.array(hex)
  }),
  z.object({
    id: z.number().int(),
    verb: z.literal('test_run'),
    run: runId,
    program: z.string(),
    data: hex.optional(),
    context: hex.optional(),
    repeat: z.number().int().default(1),
    flags: z.number().int().default(0)
  }),
  /**
   * A process of the run in the session's cgroup and folder. Its output comes as plain DATA on `stdout` and `stderr`
   * (with `pty`: all on `stdout`), its end as event `exited`. DATA from the gateway on `stdin` is written to it; END closes it.
   * `report_waiting`: event `awaits_input` tells each time when it, or a process that it started, waits for input of a pipe.
   */
  z.object({
    id: z.number().int(),
    verb: z.literal('exec'),
    run: runId,
    argv: z.array(z.string()).min(1),
    env: z.record(z.string(), z.string()).default({}),
    cwd: z.string().optional(),
    stdin: stream.optional(),
    report_waiting: z.boolean().optional(),
    stdout: stream,
    stderr: stream.optional(),
    pty: z.object({ rows: z.number().int(), cols: z.number().int() }).optional()
  }),
  z.object({
    id: z.number().int(),
    verb: z.literal('signal'),
    run: runId,
    pid: z.number().int(),
    signal: z.number().int()
  }),
  z.object({
    id: z.number().int(),
    verb: z.literal('resize'),
    run: runId,
    pid: z.number().int(),
    rows: z.number().int(),
    cols: z.number().int()
  }),
  /** Run count and time of the run's programs (kernel.bpf_stats_enabled through BPF_ENABLE_STATS, held while a run lives). */
  z.object({ id: z.number().int(), verb: z.literal('stats'), run: runId.optional() }),
  /** Every program, map, link of the target with the owning session and run where it is ours. */
  z.object({ id: z.number().int(), verb: z.literal('inventory'), scope: z.enum(['session', 'target']) }),
  /** What the kernel tells about programs, maps and BTF objects of the target beyond the inventory, and what is pinned. */
  z.object({ id: z.number().int(), verb: z.literal('inspect') }),
  /** Instructions as the kernel runs them and the lines that they come from, as plain bytes one part after the other. */
  z.object({ id: z.number().int(), verb: z.literal('program_code'), prog_id: z.number().int(), stream }),
  /** A BTF object as it was loaded, as plain bytes. */
  z.object({ id: z.number().int(), verb: z.literal('btf_bytes'), btf_id: z.number().int(), stream }),
  /** Detaches a link of whoever, by its kernel id; kinds that end only with their owner are refused. */
  z.object({ id: z.number().int(), verb: z.literal('link_detach'), link_id: z.number().int() }),
  /** Removes a pin below a bpffs; the object lives on while somebody else holds it. */
  z.object({ id: z.number().int(), verb: z.literal('unpin'), path: z.string() }),
  z.object({
    id: z.number().int(),
    verb: z.literal('probe'),
    what: z.array(
      z.enum([
        'config',
        'kallsyms',
        'tracepoints',
        'btf',
        'lockdown',
        'caps',
        'program_types',
        'map_types',
        'helpers',
        'lsm'
      ])
    ),
    stream: stream.optional()
  }),
  /** /sys/kernel/btf/vmlinux (or of a module) as plain bytes on `stream`. */
  z.object({
    id: z.number().int(),
    verb: z.literal('read_file'),
    path: z.string(),
    stream,
    /** Where to begin; files only. */
    offset: u64.optional(),
    max_bytes: z
      .number()
      .int()
      .positive()
      .default(64 * 1024 * 1024)
  }),
  /** Ends the session at once: all its runs are stopped, everything it made is swept; the reply is the last frame. */
  z.object({ id: z.number().int(), verb: z.literal('bye') })
]);

/** A loaded program, as the kernel reports it. */
export const loadedProgramSchema = z.object({
  name: z.string(),
  section: z.string(),
  id: z.number().int(),
  type: z.string(),
  attach_type: z.string(),
  tag: z.string(),
  autoattach: z.boolean(),
  verified_insns: z.number().int(),
  xlated_bytes: z.number().int(),
  jited_bytes: z.number().int(),
  load_us: z.number().int()
});

/** A created (or re-used) map, as the kernel reports it. */
export const loadedMapSchema = z.object({
  name: z.string(),
  id: z.number().int(),
  type: z.string(),
  key_size: z.number().int(),
  value_size: z.number().int(),
  max_entries: z.number().int(),
  flags: z.number().int()
});

/** Results by verb; verbs that are not here answer `{}`. */
export const resultSchemas = {
  put: z.object({ have: z.boolean() }),
  load: z.object({ programs: z.array(loadedProgramSchema), maps: z.array(loadedMapSchema), load_us: z.number().int() }),
  attach: z.object({
    /** Number of the link within the run, for `detach` and `subscribe`. */
    link: z.number().int(),
    /** Kernel id of the bpf_link, 0 when the attachment is not one (legacy tc, socket filter, perf event). */
    link_id: z.number().int(),
    kind: z.string(),
    target: z.string(),
    attach_us: z.number().int()
  }),
  map_lookup: z.object({ found: z.boolean(), value: hex }),
  map_pop: z.object({ found: z.boolean(), value: hex }),
  map_update: z.object({ updated: z.number().int() }),
  map_delete: z.object({ deleted: z.number().int() }),
  map_read: z.object({ entries: z.number().int(), cursor: hex, complete: z.boolean() }),
  test_run: z.object({ retval: z.number().int(), duration_ns: u64, data: hex, context: hex }),
  exec: z.object({ pid: z.number().int() }),
  place: z.object({ path: z.string() }),
  stats: z.object({
    programs: z.array(
      z.object({
        run: z.string(),
        name: z.string(),
        id: z.number().int(),
        run_count: u64,
        run_time_ns: u64,
        recursion_misses: u64
      })
    ),
    monotonic_ns: u64
  }),
  inventory: z.object({
    programs: z.array(
      z.object({
        id: z.number().int(),
        name: z.string(),
        type: z.string(),
        tag: z.string(),
        session: z.string(),
        run: z.string(),
        pids: z.array(z.number().int())
      })
    ),
    maps: z.array(
      z.object({
        id: z.number().int(),
        name: z.string(),
        type: z.string(),
        key_size: z.number().int(),
        value_size: z.number().int(),
        max_entries: z.number().int(),
        session: z.string(),
        run: z.string()
      })
    ),
    links: z.array(
      z.object({
        id: z.number().int(),
        kind: z.string(),
        prog_id: z.number().int(),
        target: z.string(),
        session: z.string(),
        run: z.string()
      })
    )
  }),
  inspect: z.object({
    programs: z.array(
      z.object({
        id: z.number().int(),
        /** Counted only while somebody has the kernel's statistics on: a run of ours, or kernel.bpf_stats_enabled. */
        run_count: u64,
        run_time_ns: u64,
        xlated_bytes: z.number().int(),
        jited_bytes: z.number().int(),
        verified_insns: z.number().int(),
        /** CLOCK_BOOTTIME of the load. */
        loaded_ns: u64,
        uid: z.number().int(),
        btf_id: z.number().int(),
        map_ids: z.array(z.number().int())
      })
    ),
    maps: z.array(
      z.object({
        id: z.number().int(),
        flags: z.number().int(),
        btf_id: z.number().int(),
        key_type: z.number().int(),
        value_type: z.number().int()
      })
    ),
    btf: z.array(
      z.object({ id: z.number().int(), name: z.string(), bytes: z.number().int(), is_kernel: z.boolean() })
    ),
    pins: z.array(z.object({ kind: z.enum(['program', 'map', 'link']), id: z.number().int(), path: z.string() }))
  }),
  /** Sizes in bytes of the parts of the stream, in their order (records as in linux/bpf.h; jited_lines and symbols are u64). */
  program_code: z.object({
    name: z.string(),
    btf_id: z.number().int(),
    xlated: z.number().int(),
    jited: z.number().int(),
    lines: z.number().int(),
    jited_lines: z.number().int(),
    functions: z.number().int(),
    jited_symbols: z.number().int(),
    jited_lengths: z.number().int()
  }),
  btf_bytes: z.object({ bytes: z.number().int() }),
  probe: z.record(z.string(), z.unknown())
} as const;

/** Answer to one request. */
export const replySchema = z.union([
  z.object({ id: z.number().int(), ok: z.literal(true), result: z.unknown() }),
  z.object({ id: z.number().int(), ok: z.literal(false), error: agentErrorSchema })
]);

/** What the agent says unasked. */
export const agentEventSchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('exited'),
    run: z.string(),
    pid: z.number().int(),
    status: z.number().int().nullable(),
    signal: z.number().int().nullable()
  }),
  /** Everything that was sent to the process's `stdin` has been read, and it waits for more; all that it wrote has been sent. */
  z.object({ event: z.literal('awaits_input'), run: z.string(), pid: z.number().int() }),
  /** A stream's source failed or ended by itself; DATA that was read before has been sent. */
  z.object({ event: z.literal('stream_ended'), stream, reason: z.string() }),
  /** A libbpf or agent line worth showing; level warn unless debugging. */
  z.object({
    event: z.literal('log'),
    run: z.string().optional(),
    level: z.enum(['warn', 'info', 'debug']),
    text: z.string()
  }),
  /** The supervisor had to end this worker or swept leftovers: what was found. */
  z.object({ event: z.literal('swept'), items: z.array(z.string()) })
]);

/** See `clientHelloSchema`. */
export type ClientHello = z.input<typeof clientHelloSchema>;
/** See `agentHelloSchema`. */
export type AgentHello = z.output<typeof agentHelloSchema>;
/** See `requestSchema`. */
export type Request = z.input<typeof requestSchema>;
/** Names of the operations. */
export type Verb = Request['verb'];
/** See `replySchema`. */
export type Reply = z.output<typeof replySchema>;
/** See `agentEventSchema`. */
export type AgentEvent = z.output<typeof agentEventSchema>;
/** See `agentErrorSchema`. */
export type AgentError = z.output<typeof agentErrorSchema>;
/** See `attachOptionsSchema`. */
export type AttachOptions = z.output<typeof attachOptionsSchema>;
/** See `loadedProgramSchema`. */
export type LoadedProgram = z.output<typeof loadedProgramSchema>;
/** See `loadedMapSchema`. */
export type LoadedMap = z.output<typeof loadedMapSchema>;
/** Result of a verb. */
export type Result<V extends Verb> = V extends keyof typeof resultSchemas
  ? z.output<(typeof resultSchemas)[V]>
  : Record<string, never>;
