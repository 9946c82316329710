/** Output of a `%%testrun` cell, version 1: what a program made of each packet. Offsets are bytes unless they say bits. */

/** A field of a header. `text` is for people: an address, a name, a number. */
export interface PacketField {
  name: string;
  /** From the packet's start. */
  bit_offset: number;
  bit_size: number;
  text: string;
  /** What is wrong with it, such as a checksum that does not fit; else empty. */
  problem: string;
}

/** A header, or what is behind the last one that is known (`payload`). */
export interface PacketLayer {
  name: string;
  offset: number;
  size: number;
  fields: PacketField[];
}

/** A packet as bytes and as headers. `changed`: [start, end) of the bytes that the program has written or put in. */
export interface PacketDump {
  /** Lower-case hex. */
  hex: string;
  layers: PacketLayer[];
  changed: [number, number][];
}

/** A member of the context, as text. */
export interface ContextChange {
  name: string;
  before: string;
  after: string;
}

/** What the program made of one packet. */
export interface TestRunCase {
  /** As the user named it; empty when there was no name. */
  name: string;
  /** Verdict by name, such as XDP_DROP; decimal where it has none. */
  verdict: string;
  retval: number;
  /** What must have come; empty: nothing was expected. */
  expect: string;
  /** False only when something was expected and did not come. */
  as_expected: boolean;
  /** Average of one run, by the kernel's own clock; decimal. */
  duration_ns: string;
  /** The same in cycles of the target's CPU, where its clock rate is known; else empty. */
  cycles: string;
  /** Null for programs that take no packet. */
  input: PacketDump | null;
  /** Null where the program takes no packet. */
  output: PacketDump | null;
  /** The packet came out byte for byte as it went in. */
  is_unchanged: boolean;
  /** Fields that have another value, by their path; and those of the context. */
  changes: ContextChange[];
  context: ContextChange[];
}

/** Output `Mime.testrun`. */
export interface TestRunBundle {
  version: 1;
  program: string;
  run: string;
  /** libbpf's name, such as xdp. */
  program_type: string;
  target: string;
  kernel_release: string;
  repeat: number;
  cases: TestRunCase[];
  /** Facts that must be told. */
  notes: string[];
}
