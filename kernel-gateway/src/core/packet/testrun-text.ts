import type { PacketDump, TestRunBundle, TestRunCase } from '../../protocol/index.js';
import { hexText } from './hex-text.js';
import { packetSummary } from './packet-summary.js';

const bytesOf = (dump: PacketDump): Uint8Array =>
  Uint8Array.from(dump.hex.match(/../g) ?? [], pair => parseInt(pair, 16));

/** A dump as a hex view in a bundle's text. */
const dumpText = (dump: PacketDump): string => hexText(bytesOf(dump), dump.changed);

/** The whole output of a `%%testrun` cell as text: verdict, packet in, packet out with what was changed in brackets. */
export function testRunText(bundle: TestRunBundle): string {
  const times = bundle.repeat > 1 ? `, ${bundle.repeat} runs each` : '';
  const head = `${bundle.program} (${bundle.program_type}) on ${bundle.target}, Linux ${bundle.kernel_release}${times}`;
  const notes = bundle.notes.map(note => `(${note})`);
  return [head, ...bundle.cases.map((one, index) => caseText(one, index)), ...notes].join('\n\n');
}

function caseText(one: TestRunCase, index: number): string {
  const title = one.name === '' ? `packet ${index + 1}` : one.name;
  const expected = one.expect === '' ? '' : one.as_expected ? ', as expected' : `, but ${one.expect} was expected`;
  const cycles = one.cycles === '' ? '' : `, about ${one.cycles} cycles`;
  const number = one.verdict === String(one.retval) ? '' : ` (${one.retval})`;
  const lines = [`${title}: ${one.verdict}${number}${expected}, ${one.duration_ns} ns${cycles}`];
  if (one.input !== null) lines.push(`  in:  ${packetSummary(one.input.layers)}`, indent(dumpText(one.input)));
  if (one.output !== null && one.is_unchanged) lines.push('  out: unchanged');
  else if (one.output !== null) lines.push(`  out: ${packetSummary(one.output.layers)}`, indent(dumpText(one.output)));
  for (const change of one.changes) lines.push(`  ${change.name}: ${arrow(change.before, change.after)}`);
  for (const change of one.context) lines.push(`  context ${change.name}: ${arrow(change.before, change.after)}`);
  return lines.join('\n');
}

const arrow = (before: string, after: string): string =>
  before === '' ? `new, ${after}` : after === '' ? `gone, was ${before}` : `${before} → ${after}`;

const indent = (text: string): string => text.replace(/^/gm, '  ');
