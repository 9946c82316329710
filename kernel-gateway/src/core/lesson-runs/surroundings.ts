/** What a lesson's program needs around it, and how one sees that it did what its text promises. */
export interface Surroundings {
  /** Name of the lesson's folder, and of the program in it. */
  lesson: string;
  program: string;
  /** Shell: before the program starts. */
  setup?: string;
  /** Shell: how the program is started, when `./PROGRAM` is not enough. Of a kernel side alone: options of `%%bpf`. */
  start?: string;
  /** Shell: what the program is to see; done again and again until it has been seen, or the time is over. */
  traffic?: string;
  /** Extended regular expression: a line that is promised, on the program's output, in the trace or in a view. */
  promises: string;
  /** Shell: undoes `setup`, where that does not end with the machine. */
  teardown?: string;
  /** It does its work and ends by itself: attachments cannot be looked at while it lives. */
  ends?: boolean;
  /** Goals of make when the default ones need what is not there. */
  goals?: string[];
  /** Built by the folder's Makefile, where the files look like a kernel side alone. */
  form?: 'app';
  /** How long the promised output may take: of programs that the verifier has much to do with. */
  patienceSeconds?: number;
  /** What no target of ours has, in a few words; the promise is then not tested. */
  lacks?: string;
  /** Layer of the lab image without which it cannot be built. */
  layer?: 'blazesym';
}
