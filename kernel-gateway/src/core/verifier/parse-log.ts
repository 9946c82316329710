/**
 * Reads a log of the kernel's verifier, log level 1 or 2, in the forms of Linux 5.x to 7.x: instructions and register
 * states, `; C text` lines (with ` @ file:line` since 6.10), the reason in a line or two, and since 7.3 a report behind it
 * ("Verification failed: …", Reason, At, Causal path, Suggestion). Nothing is cut: the result points into the lines.
 */

/** Where the log says that something stands; `line` and `column` are 1-based, 0 when they are not said. */
export interface LogPlace {
  program: string;
  file: string;
  line: number;
  column: number;
}

/** The report that Linux 7.3 and later write, its paragraphs as one line each. */
interface LogReport {
  title: string;
  reason: string;
  suggestion: string;
  at: LogPlace | null;
  /** Steps of the causal path: place and what happened there. */
  path: { at: LogPlace; what: string }[];
}

/** A log that was read. Indexes are into `lines`, -1 when there is no such line. */
export interface VerifierLog {
  lines: string[];
  reasonLine: number;
  /** Last line of the reason, where it takes several. */
  reasonEnd: number;
  /** Number of the instruction that failed, in the program as it was loaded; -1 when the log does not say. */
  insn: number;
  insnLine: number;
  sourceLine: number;
  /** Text of the C line, as the log has it. */
  source: string;
  /** From the C line's ` @ file:line`, or from the report. */
  place: LogPlace | null;
  report: LogReport | null;
  processedInsns: number;
}

const INSN = /^(\d+): (?:\([0-9a-f]{2}\)|<invalid )/;
const STATE = /^(?:\d+: (?:R\d|frame\d|\(|fp|refs)|from \d+ to \d+|(?:R\d{1,2}(?:_[a-z]+)*=|frame\d+:|fp-?\d+=))/;
const SUMMARY = /^(?:processed \d+ insns|verification time |stack depth |max_states_per_insn|insns processed )/;
const NOISE =
  /^(?:cur state:|old state:|mark_precise:|last_idx |regs=|parent |func#\d+ @|Live regs|arg#\d+ reference type\('UNKNOWN '\)|Validating \w+\(\) func#|Func#\d+ (?:\('\w+'\) )?is (?:safe|global)|caller:|callee:|propagating |-- (?:BEGIN|END) PROG)/;
const REPORT = /^Verification failed: (.*)/;
const PLACE = /^ {2}(\S+) @ (.+):(\d+):(\d+)$/;

type LineKind = 'blank' | 'insn' | 'source' | 'state' | 'summary' | 'noise' | 'text';

function kindOf(line: string): LineKind {
  if (line.trim() === '') return 'blank';
  if (line.startsWith(';')) return 'source';
  if (INSN.test(line)) return 'insn';
  if (SUMMARY.test(line)) return 'summary';
  if (STATE.test(line)) return 'state';
  return NOISE.test(line) ? 'noise' : 'text';
}

/** Joins the indented lines of a paragraph from `from` on. */
function paragraph(lines: readonly string[], from: number): string {
  const words: string[] = [];
  for (let i = from; i < lines.length && /^ +\S/.test(lines[i] ?? ''); i++) words.push((lines[i] ?? '').trim());
  return words.join(' ');
}

function readPlace(line: string | undefined): LogPlace | null {
  const match = PLACE.exec(line ?? '');
  if (!match) return null;
  return { program: match[1] ?? '', file: match[2] ?? '', line: Number(match[3]), column: Number(match[4]) };
}

/** Text behind `^-- ` and the lines that go on with it. */
function whatHappened(lines: readonly string[], from: number, to: number): string {
  for (let i = from; i < to; i++) {
    const first = /^\s*\|\s*\^-- (.*)$/.exec(lines[i] ?? '')?.[1];
    if (first === undefined) continue;
    const words = [first];
    for (let more = i + 1; more < to; more++) {
      const next = /^\s+\|\s{4,}(\S.*)$/.exec(lines[more] ?? '')?.[1];
      if (next === undefined) break;
      words.push(next);
    }
    return words.join(' ');
  }
  return '';
}

function readReport(lines: readonly string[], start: number): LogReport {
  const under = (heading: string): string => {
    const at = lines.indexOf(heading, start);
    return at < 0 ? '' : paragraph(lines, at + 1);
  };
  const report: LogReport = {
    title: REPORT.exec(lines[start] ?? '')?.[1] ?? '',
    reason: under('Reason:'),
    suggestion: under('Suggestion:'),
    at: null,
    path: []
  };
  const places: number[] = [];
  for (let i = start + 1; i < lines.length; i++) if (PLACE.test(lines[i] ?? '')) places.push(i);
  for (const [n, from] of places.entries()) {
    const at = readPlace(lines[from]);
    if (at && lines[from - 1] === 'At:') report.at = at;
    else if (at) report.path.push({ at, what: whatHappened(lines, from, places[n + 1] ?? lines.length) });
  }
  return report;
}

interface Found {
  kinds: LineKind[];
  /** Start of the report, else the number of lines. */
  bodyEnd: number;
  insnLine: number;
  summaryLine: number;
}

function survey(lines: readonly string[]): Found {
  const kinds: LineKind[] = [];
  const found: Found = { kinds, bodyEnd: lines.length, insnLine: -1, summaryLine: -1 };
  for (const [i, line] of lines.entries()) {
    if (found.bodyEnd === lines.length && REPORT.test(line)) found.bodyEnd = i;
    const kind = kindOf(line);
    kinds.push(kind);
    if (kind === 'insn' && i < found.bodyEnd) found.insnLine = i;
    if (kind === 'summary' && found.summaryLine < 0 && i > found.insnLine) found.summaryLine = i;
    if (kind === 'insn' && i < found.bodyEnd) found.summaryLine = -1;
  }
  return found;
}

/** The first line of plain text behind the last instruction and C line, before report and statistics. */
function findReason(found: Found): { reasonLine: number; reasonEnd: number } {
  const { kinds, insnLine, bodyEnd, summaryLine } = found;
  const end = summaryLine >= 0 ? Math.min(bodyEnd, summaryLine) : bodyEnd;
  let reasonLine = -1;
  for (let i = end - 1; i > insnLine; i--) if (kinds[i] === 'text') reasonLine = i;
  if (reasonLine < 0 && summaryLine >= 0) reasonLine = kinds.indexOf('text', summaryLine);
  if (reasonLine < 0) return { reasonLine, reasonEnd: reasonLine };
  let reasonEnd = reasonLine + 1;
  while (reasonEnd < end && kinds[reasonEnd] === 'text') reasonEnd++;
  return { reasonLine, reasonEnd };
}

function readSource(line: string): { text: string; place: LogPlace | null } {
  const match = /^;\s?(.*?)(?: @ (\S+):(\d+))?$/.exec(line);
  const place = match?.[2] ? { program: '', file: match[2], line: Number(match[3]), column: 0 } : null;
  return { text: (match?.[1] ?? '').trim(), place };
}

/** Number of the instruction in the reason itself ("infinite loop detected at insn 3"), else of the last that was shown. */
function insnOf(lines: readonly string[], reasonLine: number, insnLine: number): number {
  const said = /\b(?:insn|from insn|at insn) (\d+)\b/.exec(lines[reasonLine] ?? '')?.[1];
  const shown = INSN.exec(lines[insnLine] ?? '')?.[1];
  return Number(
    (/^(?:infinite loop|unreachable|back-edge|jump out|invalid insn)/.test(lines[reasonLine] ?? '')
      ? said
      : undefined) ??
      shown ??
      said ??
      -1
  );
}

/** Reads any text as a verifier log; never throws. Time and memory are linear in its length. */
export function parseVerifierLog(text: string): VerifierLog {
  const lines = text.replace(/[\0\n\r]+$/, '').split(/\r?\n/);
  const found = survey(lines);
  const reason = findReason(found);
  const report = found.bodyEnd < lines.length ? readReport(lines, found.bodyEnd) : null;
  const before = reason.reasonLine >= 0 ? Math.min(reason.reasonLine, found.bodyEnd) : found.bodyEnd;
  const last = found.kinds.lastIndexOf('source', Math.max(0, before - 1));
  const sourceLine = found.kinds[last] === 'source' ? last : -1;
  const source = readSource(lines[sourceLine] ?? '');
  return {
    lines,
    ...reason,
    insn: insnOf(lines, reason.reasonLine, found.insnLine),
    insnLine: found.insnLine,
    sourceLine,
    source: source.text,
    place: report?.at ?? source.place,
    report,
    processedInsns: Number(/^processed (\d+) insns/.exec(lines[found.summaryLine] ?? '')?.[1] ?? 0)
  };
}
