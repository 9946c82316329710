import { z } from 'zod';
import { hex, runId, stream, u64 } from './scalars.js';

/** Options of one program at load; absent: libbpf's own choice from the section name. */
const programLoadSchema = z.object({
  autoload: z.boolean().optional(),
  /** Log level asked of the verifier: 0 none, 1 on refusal only, 2 whole log also of an accepted program, 4 statistics. */
  log_level: z.number().int().optional(),
  attach_target: z.object({ prog_id: z.number().int().optional(), func: z.string() }).optional()
});

/** Where and how to attach; absent fields: libbpf's auto-attach by section name. */
const attachOptionsSchema = z.object({
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

/** A loaded program, as the kernel reports it. */
const loadedProgramSchema = z.object({
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
const loadedMapSchema = z.object({
  name: z.string(),
  id: z.number().int(),
  type: z.string(),
  key_size: z.number().int(),
  value_size: z.number().int(),
  max_entries: z.number().int(),
  flags: z.number().int()
});

/** Verbs of a run: from content to programs that are attached and read. */
export const runRequests = [
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
  z.object({
    id: z.number().int(),
    verb: z.literal('test_run'),
    run: runId,
    program: z.string(),
    data: hex.optional(),
    context: hex.optional(),
    repeat: z.number().int().default(1),
    flags: z.number().int().default(0)
  })
] as const;

/** What those verbs answer; one that is not here answers `{}`. */
export const runResults = {
  put: z.object({ have: z.boolean() }),
  place: z.object({ path: z.string() }),
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
  test_run: z.object({ retval: z.number().int(), duration_ns: u64, data: hex, context: hex })
} as const;

/** See `attachOptionsSchema`. */
export type AttachOptions = z.output<typeof attachOptionsSchema>;
/** See `loadedProgramSchema`. */
export type LoadedProgram = z.output<typeof loadedProgramSchema>;
/** See `loadedMapSchema`. */
export type LoadedMap = z.output<typeof loadedMapSchema>;
