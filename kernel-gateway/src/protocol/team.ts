/** What a front end sees of the files of a team, over `/bpflab/api/team` (docs/reference/team.md). */
import { z } from 'zod';

/** How a person stands in a lab; `minutes` of work, `changed` a day. */
export interface TeamLab {
  lab: string;
  state: 'open' | 'done';
  passed: number;
  steps: number;
  minutes: number;
  attempts: number;
  changed: string;
  /** Many attempts for what has passed, or long nothing. */
  stuck: boolean;
}

/** Something that could go into the day's log; it is written only when the person accepts it. */
export interface TeamProposal {
  id: number;
  time: string;
  title: string;
  text: string;
}

/** `GET team`. */
export interface TeamState {
  /** Folder name of who works here; empty: nobody has said it. */
  person: string;
  /** Whether the person has a folder: without one nothing is written about them. */
  joined: boolean;
  /** Everyone who has a folder; those with the fewest steps lately first. `quiet`: nothing this week. */
  people: { person: string; quiet: boolean; labs: TeamLab[] }[];
  proposals: TeamProposal[];
  todos: { text: string; done: boolean }[];
  /** Open ones first, the newest first; `path` below `team/`, `about` below the notebook folder. */
  discussions: { path: string; title: string; open: boolean; about: string }[];
  /** Whether the person is an instructor. */
  teaches: boolean;
  /** What instructors ask of the person: labs to begin anew; `name` of the file, `text` is why. */
  resets: { name: string; lab: string; by: string; text: string }[];
  /** What instructors have asked, the newest first; `path` below `team/`. Only instructors are told. */
  asked: { path: string; lab: string; people: number; answered: number }[];
  /** The ISO week, such as `2026-W48`. */
  week: string;
}

const text = z.string().max(200_000);

/** `POST team`: what is to be done. */
export const teamCommandSchema = z.discriminatedUnion('type', [
  /** Begins the person's folder; progress is written from then on. */
  z.object({ type: z.literal('join'), person: z.string().max(200) }),
  /** A note into the day's log. `proposal`: the one that it was made of. */
  z.object({
    type: z.literal('note'),
    title: z.string().max(400),
    text,
    tags: z.array(z.string().max(60)).max(20).default([]),
    proposal: z.number().int().optional()
  }),
  z.object({ type: z.literal('drop'), proposal: z.number().int() }),
  z.object({ type: z.literal('tick'), index: z.number().int().nonnegative(), done: z.boolean() }),
  /** Begins a discussion; `about`: a notebook, with `#cell-id=` of a cell. */
  z.object({ type: z.literal('discuss'), title: z.string().max(400), text, about: z.string().max(2000) }),
  /** Closes a discussion, or opens it again; `name` of its file. */
  z.object({ type: z.literal('settle'), name: z.string().regex(/^\d{4,}-[^/\\]{1,200}\.md$/), open: z.boolean() }),
  /** Makes the person an instructor, or no longer one. */
  z.object({ type: z.literal('teach'), teaches: z.boolean() }),
  /** An instructor asks people to begin labs anew: a file for each lab, which each of them answers. */
  z.object({
    type: z.literal('ask-reset'),
    labs: z
      .array(z.string().regex(/^[\w-]+(\/[\w-]+)+$/))
      .min(1)
      .max(100),
    people: z.array(z.string().max(200)).min(1).max(1000),
    text: text.default('')
  }),
  /** The answer. Who begins anew keeps their notebook under another name: it is the first of the files that are answered with. */
  z.object({ type: z.literal('answer-reset'), name: z.string().regex(/^[^/\\]{1,250}\.md$/), begin: z.boolean() }),
  /** To-dos of meetings, the plan's chart, the indexes. */
  z.object({ type: z.literal('refresh') }),
  z.object({ type: z.literal('report'), commit: z.boolean() })
]);

/** See `teamCommandSchema`. */
export type TeamCommand = z.output<typeof teamCommandSchema>;

/** `POST team` answers with the files that were written, relative to the notebook folder. */
export interface TeamDone {
  written: string[];
}

/** `GET team/search?words=…`. */
export interface TeamFound {
  found: { path: string; line: number; text: string }[];
}
