/**
 * The inspector, version 1: what a target's kernel has loaded. A front end opens a comm (target `INSPECT_COMM`), sends
 * `InspectRequest`s with a number of its own, and gets an `InspectReply` to each. Nothing is sent unasked.
 */
import { z } from 'zod';

const id = z.number().int().positive();
const request = z.number().int().nonnegative();

/** What is asked. `link` and `program` are kernel ids. */
export const inspectRequestSchema = z.discriminatedUnion('type', [
  /** Everything that is loaded: `InspectInventory`. */
  z.object({ request, type: z.literal('inventory') }),
  /** The instructions of a program: `InspectCode`. */
  z.object({ request, type: z.literal('code'), program: id }),
  /** Opens a view of a map's contents as they are now: `InspectView`. Asked again it reads them again. */
  z.object({ request, type: z.literal('dump'), map: id }),
  /** A BTF object as C: `InspectBtf`. */
  z.object({ request, type: z.literal('btf'), btf: id }),
  z.object({ request, type: z.literal('detach'), link: id }),
  z.object({ request, type: z.literal('unpin'), path: z.string().max(4096) }),
  /** Drops the view that `dump` has opened. */
  z.object({ request, type: z.literal('close'), map: id })
]);

/** See `inspectRequestSchema`. */
export type InspectRequest = z.output<typeof inspectRequestSchema>;

/** Whose an object is. */
export interface InspectOwner {
  /** Of the session that asks. */
  is_own: boolean;
  /** Name of the run of that session; empty for what is not its own. */
  run: string;
  /** Processes that hold it, such as `systemd (1)`; empty when nothing but a pin or an attachment does. */
  processes: string[];
}

/** A loaded program. Ids are the kernel's; 64-bit numbers are decimal. */
export interface InspectProgram {
  id: number;
  name: string;
  type: string;
  tag: string;
  owner: InspectOwner;
  pinned: string[];
  /** Where it is attached, one entry a link. */
  attached_to: string[];
  /** 0 while nobody has the kernel count. */
  run_count: string;
  run_time_ns: string;
  xlated_bytes: number;
  jited_bytes: number;
  verified_insns: number;
  map_ids: number[];
  btf_id: number;
}

/** A map. */
export interface InspectMap {
  id: number;
  name: string;
  type: string;
  key_size: number;
  value_size: number;
  max_entries: number;
  owner: InspectOwner;
  pinned: string[];
  btf_id: number;
  /** Its contents can be read. */
  can_dump: boolean;
}

/** An attachment. */
export interface InspectLink {
  id: number;
  kind: string;
  program_id: number;
  program: string;
  target: string;
  owner: InspectOwner;
  pinned: string[];
}

/** A BTF object: the types of a program, a module, or the kernel. */
export interface InspectBtf {
  id: number;
  name: string;
  bytes: number;
  is_kernel: boolean;
  /** Names of the programs and maps that use it. */
  used_by: string[];
  owner: InspectOwner;
}

/** All that is loaded in the target of the session. */
export interface InspectInventory {
  target: string;
  target_state: 'none' | 'starting' | 'ready' | 'lost';
  /** One sentence when there is no target to look at. */
  message: string;
  kernel_release: string;
  programs: InspectProgram[];
  maps: InspectMap[];
  links: InspectLink[];
  btf: InspectBtf[];
}

/** One instruction; `at` is its number (translated) or its address (native), as text. */
export interface InspectInsn {
  at: string;
  text: string;
}

/** A C line and what became of it; `line` is 0 where the program has no lines. */
export interface InspectLine {
  /** Function of the program, at the first line of each. */
  function: string;
  file: string;
  line: number;
  text: string;
  xlated: InspectInsn[];
  jited: InspectInsn[];
}

/** The instructions of a program by C line, in the order of the instructions. */
export interface InspectCode {
  id: number;
  name: string;
  lines: InspectLine[];
  xlated_count: number;
  jited_count: number;
  /** What is missing, one sentence each. */
  notes: string[];
}

/** A view of a map's contents. */
export interface InspectView {
  bundle: import('./mime.js').ViewBundle;
}

/** Types as C. */
export interface InspectTypes {
  text: string;
  /** How many types there are; `text` has the structs, unions and enums of them. */
  types: number;
}

/** What a request is answered with, by its type; the others answer `{}`. */
export interface InspectAnswers {
  inventory: InspectInventory;
  code: InspectCode;
  dump: InspectView;
  btf: InspectTypes;
  detach: Record<string, never>;
  unpin: Record<string, never>;
  close: Record<string, never>;
}

/** comm_msg data to the front end on `INSPECT_COMM`. */
export type InspectReply =
  | { type: 'answer'; request: number; answer: InspectAnswers[keyof InspectAnswers] }
  | { type: 'failed'; request: number; code: string; message: string; hint: string };
