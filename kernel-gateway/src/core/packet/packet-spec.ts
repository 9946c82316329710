/** What the body of a `%%testrun` cell says. */

/** A header with the fields that the user gave, or bytes as they are. */
export type LayerSpec =
  | { kind: 'header'; name: string; fields: ReadonlyMap<string, bigint> }
  | { kind: 'bytes'; name: 'payload' | 'hex'; bytes: Uint8Array };

/** Context: members of a struct by name, or plain 64-bit arguments. */
export type ContextSpec =
  | { kind: 'members'; members: { name: string; value: string }[] }
  | { kind: 'arguments'; values: bigint[] };

/** One packet to run a program on. `line` is the line of the cell on which it begins. */
export interface PacketSpec {
  name: string;
  line: number;
  /** From the wire upward; empty: the program gets no packet. */
  layers: LayerSpec[];
  context: ContextSpec | null;
  /** Verdict that must come, as the user wrote it; empty: any. */
  expect: string;
}
