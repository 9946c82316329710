/**
 * The JSON of the agent's control frames, protocol version 1: what each verb takes and gives.
 *
 * Names are snake_case; 64-bit values are decimal strings; bytes are lower-case hex. Every request has an id that the
 * reply repeats; replies may come in any order. Stream numbers are chosen by the gateway (1 … 2^31-1) and never re-used
 * within a session.
 */
import { z } from 'zod';
import { kernelRequests, kernelResults } from './verbs/kernel-verbs.js';
import { mapRequests, mapResults } from './verbs/map-verbs.js';
import { processRequests, processResults } from './verbs/process-verbs.js';
import { runRequests, runResults } from './verbs/run-verbs.js';
import { hex, stream, u64 } from './verbs/scalars.js';

/** Version of frames and messages together; both sides refuse another. */
export const AGENT_PROTOCOL_VERSION = 1;

/**
 * First frame of the gateway. `after` resumes a session whose connection broke (sockets of a pod only): how many frames
 * of the agent it has seen since the session began, hellos, pings and pongs not counted; 0 in a new session.
 */
export const clientHelloSchema = z.object({
  protocol: z.number().int(),
  session: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  after: u64,
  /** Who asks, for the node's policy and its audit log; whoever may exec into the agent may say any name. */
  user: z.string().max(64).optional(),
  /** CLOCK_REALTIME to set in a restored guest; any other agent leaves its clock alone. */
  realtime_ns: u64.optional(),
  /** 32 bytes for the guest's random pool after a restore. */
  entropy: hex.optional(),
  /** `own`: worker and programs of the session live in a network namespace of their own, with lo alone. */
  network: z.enum(['target', 'own']).optional(),
  /** Seconds that the session outlives its gateway. */
  lease_s: z.number().int().positive().default(10)
});

const patterns = z.array(z.string()).max(1024);
const limitSchema = z.strictObject({
  sessions: z.number().int().min(1).max(64).optional(),
  sessions_per_user: z.number().int().min(1).max(64).optional(),
  memory_mib: z.number().int().min(1).max(16_777_216).optional(),
  cpu_percent: z.number().int().min(1).max(100_000).optional(),
  processes: z.number().int().min(1).max(4_194_304).optional(),
  rate_kib_s: z.number().int().min(1).max(16_777_216).optional(),
  idle_s: z.number().int().min(1).max(67_108_864).optional()
});
const ruleSchema = z.strictObject({
  users: patterns.optional(),
  nodes: patterns.optional(),
  namespaces: patterns.optional(),
  program_types: patterns.optional(),
  machine_wide: z.enum(['warn', 'refuse']).optional(),
  limits: limitSchema.optional()
});

/** The policy of a cluster's nodes as its file says it (docs/reference/policy.md); the agent's own reader is bpf/agent/policy.c. */
export const policyFileSchema = z.strictObject({
  version: z.literal(1),
  limits: limitSchema.optional(),
  rules: z.array(ruleSchema).max(1024).optional()
});

/** What the policy of a node lets a session do (docs/reference/policy.md); what is absent is not limited. */
export const policyTermsSchema = z.object({
  memory_mib: z.number().optional(),
  cpu_percent: z.number().optional(),
  processes: z.number().optional(),
  /** Patterns of the namespaces whose pods may be looked at: programs must be restricted to some of these. */
  namespaces: z.array(z.string()).optional(),
  /** Patterns of types of programs, as libbpf names them; processes then load none. */
  program_types: z.array(z.string()).optional(),
  machine_wide: z.enum(['warn', 'refuse']).optional(),
  /** Limits that the node's kernel cannot hold. */
  not_held: z.array(z.string()).default([])
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
  /** Which network the session is in; "target" also when the target could not give the own one that was asked for. */
  network: z.enum(['target', 'own']).optional(),
  policy: policyTermsSchema.optional(),
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

/** Instead of `agentHelloSchema`: the agent's policy gives no session, and the connection ends. */
export const refusedHelloSchema = z.object({ protocol: z.number().int(), refused: agentErrorSchema });

/** One operation of the gateway. `verb` selects the shape. */
export const requestSchema = z.discriminatedUnion('verb', [
  ...runRequests,
  ...mapRequests,
  ...processRequests,
  ...kernelRequests
]);

/** Results by verb; verbs that are not here answer `{}`. */
export const resultSchemas = { ...runResults, ...mapResults, ...processResults, ...kernelResults };

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
/** See `policyTermsSchema`. */
export type PolicyTerms = z.output<typeof policyTermsSchema>;
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
export type { AttachOptions, LoadedMap, LoadedProgram } from './verbs/run-verbs.js';
/** Result of a verb. */
export type Result<V extends Verb> = V extends keyof typeof resultSchemas
  ? z.output<(typeof resultSchemas)[V]>
  : Record<string, never>;
