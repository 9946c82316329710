/**
 * Labs, version 1: the conditions that a step's checks set on the real state of a session (docs/reference/lab-format.md),
 * and what a front end sees of a lab over `LAB_COMM`.
 */
import { z } from 'zod';

const identifier = z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/);
const expression = z.string().max(4000);
const pattern = z.string().min(1).max(1000);
const count = z.number().int().nonnegative();

/** A text in English, and in Chinese where there is one. */
export const labTextSchema = z.object({ en: z.string().min(1), zh: z.string().optional() });

const common = { id: identifier, title: labTextSchema };

/** One condition. All that is given must hold. */
export const labCheckSchema = z.union([
  /** A program of the session that is loaded now. `attached`: a part of what it is attached to; `runs`: at least so often. */
  z.strictObject({
    ...common,
    program: z.strictObject({
      type: z.string().optional(),
      attached: z.string().optional(),
      name: z.string().optional(),
      runs: count.optional()
    })
  }),
  /** Decoded entries of a map, or variables of the view `globals`, that satisfy a filter expression. */
  z.strictObject({
    ...common,
    map: z.strictObject({
      name: z.string().min(1),
      where: expression.optional(),
      at_least: count.default(1),
      at_most: count.optional()
    })
  }),
  /** Events of a ring, a perf buffer or `printk` that satisfy a filter expression; without a name, of any of them. */
  z.strictObject({
    ...common,
    events: z.strictObject({
      name: z.string().min(1).optional(),
      where: expression.optional(),
      at_least: count.default(1),
      at_most: count.optional()
    })
  }),
  /** A file of the target; a relative path is below the session's folder there. */
  z.strictObject({
    ...common,
    file: z.strictObject({ path: z.string().min(1).max(4000), matches: pattern.optional() })
  }),
  /** A shell command in the target, its status and what it prints. */
  z.strictObject({
    ...common,
    command: z.strictObject({
      run: z.string().min(1).max(20_000),
      status: z.union([z.number().int(), z.literal('failure')]).default(0),
      output: pattern.optional(),
      timeout_ms: z.number().int().positive().max(60_000).default(10_000)
    })
  }),
  /** How a named cell ended when it ran last (`ok`, or an error code), and what it printed. */
  z.strictObject({
    ...common,
    output: z.strictObject({ cell: z.string().min(1), ended: z.string().default('ok'), matches: pattern.optional() })
  })
]);

/** See `labCheckSchema`. */
export type LabCheck = z.output<typeof labCheckSchema>;

/** How a check stands. `seen` says in one sentence what was found; empty before it was looked at. */
export interface LabCheckState {
  id: string;
  title: string;
  state: 'open' | 'passed' | 'failed';
  seen: string;
}

/** A step as the panel shows it. Texts are Markdown, in the language of the notebook. */
export interface LabStepState {
  id: string;
  title: string;
  passed: boolean;
  checks: LabCheckState[];
  /** Hints that were asked for, and how many there are. */
  hints: string[];
  hint_count: number;
  has_solution: boolean;
  /** Whether the solution was looked at. */
  solution_seen: boolean;
  /** Ids of the step's cells in the notebook. */
  cells: string[];
  attempts: number;
  time_ms: number;
}

/** comm_msg data to the front end on `LAB_COMM`: at open and whenever it changes; `lab` empty: the notebook is of no lab. */
export interface LabState {
  type: 'lab';
  lab: string;
  title: string;
  language: string;
  minutes: number;
  steps: LabStepState[];
  /** Step that is worked on: the first that has not passed; empty when all have. */
  current: string;
  /** How long the newest automatic look took. */
  check_ms: number;
}

/** A cell of a step: as the lab came, as the solution has it. */
export interface LabSolutionCell {
  cell: string;
  name: string;
  starter: string;
  solution: string;
}

/** comm_msg data from the front end on `LAB_COMM`. `reset` answers with the cells as they came. */
export const labRequestSchema = z.object({
  request: z.number().int(),
  type: z.enum(['check', 'hint', 'solution', 'reset']),
  /** Step; empty: the current one, or for `reset` the whole lab. */
  step: z.string().default('')
});

/** See `labRequestSchema`. */
export type LabRequest = z.output<typeof labRequestSchema>;

/** What a request is answered with; `text` is Markdown: the hint, the solution's explanation. */
export interface LabAnswer {
  text: string;
  cells: LabSolutionCell[];
}

/** comm_msg data to the front end on `LAB_COMM`. */
export type LabReply =
  | { type: 'answer'; request: number; answer: LabAnswer }
  | { type: 'failed'; request: number; code: string; message: string; hint: string };
