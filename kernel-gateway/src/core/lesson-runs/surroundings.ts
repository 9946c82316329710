/** Layers that lessons ask for. */
export type LessonLayer = 'blazesym' | 'kernel-headers' | 'java' | 'go' | 'rust';

/** What a lesson's program needs around it, and how one sees that it did what its text promises. */
export interface Surroundings {
  /** Name of the lesson's folder, and of the program in it. */
  lesson: string;
  program: string;
  /** Shell: before the program starts. */
  setup?: string;
  /** Shell: how the program is started, when `./PROGRAM` is not enough. Of a kernel side alone: options of `%%bpf`; of a script: its arguments. */
  start?: string;
  /** Shell: what the program is to see; done again and again until it has been seen, or the time is over. */
  traffic?: string;
  /** Extended regular expression: a line that is promised, on the program's output, in the trace or in a view. */
  promises: string;
  /** Shell: undoes `setup`, where that does not end with the machine. */
  teardown?: string;
  /** Of a script: what its text leaves to the learner, and what is put there. */
  fill?: { place: string; text: string };
  /** It does its work and ends by itself: attachments cannot be looked at while it lives. */
  ends?: boolean;
  /** Folder in the lesson's own with a program that is to be looked at: built by its Makefile first; for a kernel side alone. */
  victim?: string;
  /** Goals of make when the default ones need what is not there. */
  goals?: string[];
  /** Built by the folder's Makefile, where the files look like a kernel side alone. */
  form?: 'app';
  /** How long the promised output may take: of programs that the verifier has much to do with. */
  patienceSeconds?: number;
  /** What no target of ours has, in a few words; the promise is then not tested. */
  lacks?: string;
  /** The first kernel that refuses the program, and why, a clause: what neither its names nor its types tell. */
  refused?: { since: [number, number]; because: string };
  /** What `bpflab image add` brings, without which it cannot be built or run. */
  layer?: LessonLayer;
  /** What a kernel module of the lesson's own, which `setup` builds, gives the kernel, and the first kernel that it is written for. */
  module?: { brings: string[]; since: [number, number] };
}
