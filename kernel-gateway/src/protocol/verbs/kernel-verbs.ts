import { z } from 'zod';
import { runId, stream, u64 } from './scalars.js';

/** Verbs about the session and the target's kernel as a whole. */
export const kernelRequests = [
  /** Run count and time of the run's programs (kernel.bpf_stats_enabled through BPF_ENABLE_STATS, held while a run lives). */
  z.object({ id: z.number().int(), verb: z.literal('stats'), run: runId.optional() }),
  /**
   * Every program, map, link of the target with the owning session and run where it is ours. Our attachments that are no
   * bpf_link are links of id 0.
   */
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
] as const;

/** What those verbs answer; one that is not here answers `{}`. */
export const kernelResults = {
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
    btf: z.array(z.object({ id: z.number().int(), name: z.string(), bytes: z.number().int(), is_kernel: z.boolean() })),
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
