import type { NodeMember } from '../../core/nodes/connected-nodes.js';
import { NodeLines } from '../../core/nodes/node-lines.js';
import { parseBpftraceLine } from '../../core/session/bpftrace-output.js';
import { BpftraceMaps } from './bpftrace-maps.js';
import { eachNode } from './each-node.js';
import type { LiveRun } from './live-run.js';
import { placeFile } from './place-file.js';
import { interruptProcess } from './process-cell.js';
import type { ProcessExit } from './process-events.js';
import { runProcess } from './run-process.js';
import { scriptCause } from './script-cause.js';
import type { SessionCore } from './session-core.js';
import { openTextView, type TextView } from './text-view.js';

/** Printing its maps at the end takes bpftrace a while on a translated guest. */
const PRINT_PATIENCE_MS = 6000;
const MAX_LINE_CHARS = 4 * 1024 * 1024;
const LOST = 'its connection was lost, and the script with it';

/** A script on all nodes of its run. */
interface StartedScripts {
  /** Resolves when it is attached on every node that can; never when none can. */
  attached: Promise<'attached'>;
  /** Resolves when it has ended on every node, with the worst end of those where it was attached. */
  exited: Promise<ProcessExit>;
  /** What it has said on stderr so far. */
  errors(): string;
}

/** Where one node's script writes. */
interface ScriptOutputs {
  text: TextView;
  maps: BpftraceMaps;
  /** One text for each node; null: there is one node. */
  lines: NodeLines | null;
}

interface NodeScript {
  node: number;
  first: Promise<'attached' | ProcessExit>;
  exited: Promise<ProcessExit>;
  interrupt(): Promise<unknown>;
  errors(): string;
}

/**
 * Starts a bpftrace script on every node of a run; `textOn` has its text for a node by number.
 *
 * @throws LabError the first node's, when none could start it
 */
export async function startScripts(
  core: SessionCore,
  run: LiveRun,
  script: { target: string; args: readonly string[]; textOn: (node: number) => string }
): Promise<StartedScripts> {
  const { nodes } = run.connection;
  const text = openTextView(core, { run: run.id, title: 'output' });
  const lines = nodes === undefined ? null : new NodeLines(nodes.names, bytes => text.write(bytes));
  const outputs = { text, lines, maps: new BpftraceMaps(core, run.id) };
  const started: NodeScript[] = [];
  const bpftrace = core.options.labCommand(script.target, 'bpftrace');
  await eachNode(run, async member => {
    const { node, connection } = member;
    const bytes = new TextEncoder().encode(script.textOn(node));
    const file = await placeFile(connection, { path: `.bpflab/${run.id}.bt`, bytes, mode: 0o644 });
    const argv = [...bpftrace, '-f', 'json', file, ...script.args];
    started.push(await startOn(core, { run, member, argv, outputs }));
  });
  run.beforeStop = () => Promise.all(started.map(one => one.interrupt()));
  const exited = Promise.all(started.map(one => one.exited)).then(async exits => {
    lines?.end();
    text.end();
    const firsts = await Promise.all(started.map(one => one.first));
    const ran = exits.filter((_, index) => firsts[index] === 'attached');
    return worstOf(ran.length > 0 ? ran : exits);
  });
  const nameOf = (node: number): string => (nodes === undefined ? '' : `${nodes.names[node] ?? ''} | `);
  return {
    attached: allAttached(run, started),
    exited,
    errors: () => started.map(one => one.errors().replaceAll(/^(?=.)/gm, nameOf(one.node))).join('')
  };
}

/** A node whose bpftrace refuses the script takes no part, if there is another one. */
function allAttached(run: LiveRun, started: readonly NodeScript[]): Promise<'attached'> {
  const { nodes } = run.connection;
  const decide = async (script: NodeScript): Promise<boolean> => {
    const { node, first, exited } = script;
    const begin = await first;
    void exited.then(end => (isLost(end) ? nodes?.refuse(run.id, node, LOST) : undefined));
    if (begin === 'attached') {
      const isKnown = nodes?.verdicts(run.id).some(one => one.node === node) ?? true;
      if (!isKnown) nodes?.note(run.id, node, '');
    } else if (begin.status !== 0) nodes?.refuse(run.id, node, scriptCause(script.errors(), begin));
    return begin === 'attached';
  };
  const decided = Promise.all(started.map(decide));
  return new Promise(resolve => void decided.then(all => (all.includes(true) ? resolve('attached') : undefined)));
}

async function startOn(
  core: SessionCore,
  start: { run: LiveRun; member: NodeMember; argv: string[]; outputs: ScriptOutputs }
): Promise<NodeScript> {
  const { run, member, argv, outputs } = start;
  const own = { id: run.id, connection: member.connection };
  const decoder = new TextDecoder();
  const errors: string[] = [];
  let rest = '';
  let markAttached: (value: 'attached') => void = () => undefined;
  const attached = new Promise<'attached'>(resolve => (markAttached = resolve));
  const name = run.connection.nodes?.names[member.node];
  const node = name === undefined ? null : { number: member.node, name };
  const process = await runProcess(core, {
    run: own,
    argv,
    stdin: new Uint8Array(0),
    onStdout: bytes => {
      const parts = (rest + decoder.decode(bytes, { stream: true })).split('\n');
      rest = (parts.pop() ?? '').slice(-MAX_LINE_CHARS);
      for (const line of parts) takeLine(line, { outputs, node, markAttached: () => markAttached('attached') });
    },
    onStderr: bytes => errors.push(Buffer.from(bytes).toString('utf8'))
  });
  return {
    node: member.node,
    first: Promise.race([attached, process.exited]),
    exited: process.exited,
    interrupt: () => interruptProcess(own, process, PRINT_PATIENCE_MS),
    errors: () => errors.join('')
  };
}

function takeLine(
  line: string,
  to: { outputs: ScriptOutputs; node: { number: number; name: string } | null; markAttached: () => void }
): void {
  if (line === '') return;
  const parsed = parseBpftraceLine(line);
  const { text, maps, lines } = to.outputs;
  switch (parsed.kind) {
    case 'attached':
      return to.markAttached();
    case 'text': {
      const bytes = new TextEncoder().encode(parsed.text);
      return lines === null || to.node === null ? text.write(bytes) : lines.take(bytes, to.node.number);
    }
    case 'maps':
      return parsed.maps.forEach(map => maps.show(map, to.node));
  }
}

const isLost = ({ status, signal }: ProcessExit): boolean => status === null && signal === null;
const isWell = ({ status }: ProcessExit): boolean => status === 0;

/** Nodes that were lost have told that themselves. */
function worstOf(exits: readonly ProcessExit[]): ProcessExit {
  const told = exits.filter(exit => !isLost(exit));
  return told.find(exit => !isWell(exit)) ?? told[0] ?? exits[0] ?? { status: null, signal: null };
}
