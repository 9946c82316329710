import { z } from 'zod';
import { runId, stream } from './scalars.js';

/** Verbs of processes in the target. */
export const processRequests = [
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
  })
] as const;

/** What those verbs answer; one that is not here answers `{}`. */
export const processResults = {
  exec: z.object({ pid: z.number().int() })
} as const;
