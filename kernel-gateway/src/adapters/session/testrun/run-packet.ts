import { AgentRequestError } from '../../../core/agent/agent-request-error.js';
import { buildPacket } from '../../../core/packet/build-packet.js';
import { changedBytes, changedFields } from '../../../core/packet/compare-packets.js';
import { contextBytes, contextChanges } from '../../../core/packet/context-bytes.js';
import { argumentType, contextType, type ContextType } from '../../../core/packet/context-types.js';
import { decodePacket } from '../../../core/packet/decode-packet.js';
import type { LayerSpec, PacketSpec } from '../../../core/packet/packet-spec.js';
import { isVerdict, verdictName, type TestRunKind } from '../../../core/packet/verdict.table.js';
import { readBtf } from '../../../core/object/btf.js';
import { readElf } from '../../../core/object/elf.js';
import { LabError, type PacketDump, type Result, type TestRunCase } from '../../../protocol/index.js';
import type { LiveRun } from '../live-run.js';

/** What all packets of a cell are run with. */
export interface TestRun {
  run: LiveRun;
  program: string;
  kind: TestRunKind;
  repeat: number;
  /** Clock rate of the target's CPU; 0: not known. */
  mhz: number;
}

/** What goes in when a cell describes no packet: the start of a TCP connection. */
const defaultLayers: readonly LayerSpec[] = [{ kind: 'header', name: 'tcp', fields: new Map() }];

/**
 * Runs the program on one packet. With `repeat` the first run gives verdict and bytes, and the others the time: a program
 * that writes into the packet would otherwise be shown after its thousandth change.
 *
 * @throws LabError BPFLAB_PACKET_INVALID, BPFLAB_VALUE_INVALID, BPFLAB_TESTRUN_REFUSED
 */
export async function runPacket(test: TestRun, packet: PacketSpec): Promise<TestRunCase> {
  const { kind } = test;
  if (kind.packet === null && packet.layers.length > 0) {
    const message = `"${test.program}" takes no packet; give it a context, or nothing.`;
    throw new LabError('BPFLAB_PACKET_INVALID', message);
  }
  const bytes = kind.packet === null ? null : packetBytes(packet);
  const type = contextTypeOf(test);
  const context = givesContext(test, packet) ? contextBytes(type, packet.context, bytes?.length ?? 0) : null;
  const input = inputOf(bytes, context);
  const first = await request(test, packet, { ...input, repeat: 1 });
  const timed = test.repeat > 1 ? await request(test, packet, { ...input, repeat: test.repeat - 1 }) : first;
  const retval = first.retval | 0;
  return {
    name: packet.name,
    verdict: verdictName(kind, retval),
    retval,
    expect: packet.expect,
    as_expected: packet.expect === '' || isVerdict(kind, retval, packet.expect),
    duration_ns: timed.duration_ns,
    cycles: cyclesOf(test, timed.duration_ns),
    ...compared(kind, bytes, fromHex(first.data)),
    context: context === null ? [] : contextChanges(type, context, fromHex(first.context))
  };
}

function packetBytes(packet: PacketSpec): Uint8Array {
  const layers = packet.layers.length === 0 ? [...defaultLayers] : packet.layers;
  return buildPacket({ layers, line: packet.line });
}

function inputOf(bytes: Uint8Array | null, context: Uint8Array | null): { data?: string; context?: string } {
  return {
    ...(bytes === null ? {} : { data: toHex(bytes) }),
    ...(context === null || context.length === 0 ? {} : { context: toHex(context) })
  };
}

const cyclesOf = ({ mhz }: TestRun, durationNs: string): string =>
  mhz === 0 ? '' : String(Math.round((Number(durationNs) * mhz) / 1000));

type Compared = Pick<TestRunCase, 'input' | 'output' | 'is_unchanged' | 'changes'>;

function compared(kind: TestRunKind, before: Uint8Array | null, after: Uint8Array): Compared {
  if (before === null) return { input: null, output: null, is_unchanged: true, changes: [] };
  const input: PacketDump = { hex: toHex(before), layers: decodePacket(before), changed: [] };
  // Programs above the link layer are shown the packet from its network header on, and so is what comes out.
  const seen = kind.packet === 'network' ? before.subarray(ETHERNET_BYTES) : before;
  const first = kind.packet === 'network' ? networkHeader(before) : 'eth';
  const changed = changedBytes(seen, after);
  const layers = decodePacket(after, first);
  return {
    input,
    output: { hex: toHex(after), layers, changed },
    is_unchanged: changed.length === 0 && after.length === seen.length,
    changes: changedFields(decodePacket(seen, first), layers)
  };
}

const ETHERNET_BYTES = 14;

const networkHeader = (packet: Uint8Array): string => ((packet[ETHERNET_BYTES] ?? 0) >> 4 === 6 ? 'ipv6' : 'ipv4');

/** Programs on an skb get an empty one, so that what they write into it is seen; all others only what the user gives. */
function givesContext({ kind }: TestRun, packet: PacketSpec): boolean {
  return packet.context !== null || kind.context === '__sk_buff' || (kind.context === 'btf' && kind.packet === null);
}

function contextTypeOf({ run, program, kind }: TestRun): ContextType | null {
  if (kind.context === 'xdp_md' || kind.context === '__sk_buff') return contextType(kind.context);
  if (kind.context !== 'btf' || run.build === null) return null;
  const section = readElf(run.build.object).sections.find(one => one.name === '.BTF');
  return section === undefined ? null : argumentType(readBtf(section.data), program);
}

async function request(
  test: TestRun,
  packet: PacketSpec,
  input: { data?: string; context?: string; repeat: number }
): Promise<Result<'test_run'>> {
  try {
    return await test.run.connection.request('test_run', { run: test.run.id, program: test.program, ...input });
  } catch (error) {
    if (error instanceof AgentRequestError && error.code === 'BPFLAB_AGENT_REQUEST')
      throw new LabError('BPFLAB_TESTRUN_REFUSED', refusal(test, packet, { error, input }), { cause: error });
    throw error;
  }
}

function refusal(
  test: TestRun,
  packet: PacketSpec,
  { error, input }: { error: AgentRequestError; input: { data?: string; context?: string } }
): string {
  const what = packet.name === '' ? `the packet of line ${packet.line}` : `"${packet.name}"`;
  const about = packet.layers.length === 0 && input.data === undefined ? 'this context' : what;
  const bytes = (input.data?.length ?? 0) / 2;
  const isShort = input.data !== undefined && bytes < ETHERNET_BYTES;
  const cause = isShort ? `it has ${bytes} bytes, and an Ethernet header alone has ${ETHERNET_BYTES}` : error.errno;
  return `The kernel does not run "${test.program}" on ${about} — ${cause}.`;
}

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const fromHex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
