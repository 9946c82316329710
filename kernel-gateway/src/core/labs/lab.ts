/** A lab, as read from its folder (docs/reference/lab-format.md). Values only. */
import type { LabCheck } from '../../protocol/index.js';

/** A block of a Markdown file, as its tokenizer gives it: a fenced block that is a cell or a hint, or anything else. */
export type MarkdownBlock = { kind: 'fence'; info: string; text: string } | { kind: 'text'; raw: string };

/** A part of a page, in its order. `step` is empty before the first step. */
export type LabPart =
  | { kind: 'markdown'; step: string; text: string }
  /** `name` is empty for a cell that nothing refers to. */
  | { kind: 'code'; step: string; name: string; text: string }
  | { kind: 'hint'; step: string; text: string };

/** A page of a lab in one language. */
export interface LabPage {
  facts: LabFacts;
  parts: LabPart[];
  /** In the order of the page; the title is the first heading behind the mark. */
  steps: { id: string; title: string }[];
  problems: string[];
}

/** What the front matter of a page says. */
export interface LabFacts {
  title: string;
  minutes: number;
  objectives: string[];
  needs: Record<string, unknown>;
  /** Ids of labs that one should have done. */
  prerequisites: string[];
}

/** Texts of named cells that take the place of those of the page, and what is said about them. */
export interface Submission {
  text: string;
  cells: ReadonlyMap<string, string>;
}

/** A wrong submission: the solution with some cells changed. The checks of `fails` must not pass. */
export interface WrongSubmission extends Submission {
  name: string;
  /** `mistake`: plausible, such as the right type on the wrong hook; `cheat`: shows or writes what is looked for. */
  kind: 'mistake' | 'cheat';
  fails: string[];
}

/** What `lab.json` says of a step. */
export interface LabStepFacts {
  checks: LabCheck[];
}

/** What `lab.json` says. `expect` is for the tests of a walk through the page. */
export interface LabData {
  next: string;
  /** Shell scripts that run in the target: before the lab's first cell, and after the lab or at a reset. */
  setup: string;
  cleanup: string;
  steps: ReadonlyMap<string, LabStepFacts>;
  problems: string[];
}

/** A whole lab in one language. */
export interface Lab extends LabFacts {
  id: string;
  language: string;
  next: string;
  setup: string;
  cleanup: string;
  parts: LabPart[];
  steps: { id: string; title: string; checks: LabCheck[]; hints: string[] }[];
  /** Null: nothing to solve. */
  solution: Submission | null;
  wrong: WrongSubmission[];
  /** What could not be read, one sentence each, with its file. */
  problems: string[];
}
