import {
  errorTable,
  traceLineAt,
  type DiagnosisBundle,
  type DiagnosisItem,
  type ProgramTrace
} from '../../protocol/index.js';
import { explainRefusal } from './explain.js';
import { parseVerifierLog, type LogPlace, type VerifierLog } from './parse-log.js';

/** A refusal of the verifier, and the cell whose program it refuses. */
export interface Refusal {
  /** Name of the program; empty when the loader does not say. */
  program: string;
  /** The verifier's log, whole. */
  log: string;
  /** What the loader says, for a refusal without a log: libbpf's or the kernel's own words. */
  message: string;
  /** Functions of a program as it was loaded, with lines and variables; empty where the object has none of that name. */
  functionsOf(program: string): ProgramTrace['functions'];
  cell: { body: string; bodyLine: number };
}

const CODE = 'BPFLAB_VERIFIER_REJECTED';

/** A file of the session by its path in the session; empty for the cell itself, whose file is NAME.bpf.c. */
function cellFile(path: string): string {
  const file = path.replace(/^(?:\.\/|\/session\/)/, '');
  return /\.bpf\.c$/.test(file) && !file.includes('/') ? '' : file;
}

/** Place by the object's own line table. */
function placeByInsn(trace: ProgramTrace, log: VerifierLog): LogPlace | null {
  const found = log.insn < 0 ? null : traceLineAt(trace, log.insn);
  return found ? { program: '', file: found.file, line: found.line, column: found.column } : null;
}

/** Place by the text of the line, when it stands in the cell just once. */
function placeByText(source: string, cell: Refusal['cell']): LogPlace | null {
  if (source.length < 3) return null;
  const lines = cell.body.split('\n');
  const first = lines.findIndex(line => line.trim() === source);
  if (first < 0 || lines.findLastIndex(line => line.trim() === source) !== first) return null;
  return { program: '', file: '', line: first + cell.bodyLine, column: 0 };
}

function itemAt(
  place: LogPlace,
  severity: DiagnosisItem['severity'],
  message: string,
  cell: Refusal['cell']
): DiagnosisItem {
  const file = cellFile(place.file);
  const text = file === '' ? (cell.body.split('\n')[place.line - cell.bodyLine] ?? '') : '';
  const indent = text.length - text.trimStart().length;
  const column = place.column > 0 ? place.column : indent + 1;
  return {
    severity,
    line: place.line,
    column,
    end_line: place.line,
    end_column: Math.max(column, text.trimEnd().length + 1),
    message,
    file
  };
}

const firstLower = (text: string): string => text.replace(/\.$/, '');

/** The reason in one line: the verifier's own words, first of them when there are several. */
function reasonOf(log: VerifierLog, message: string): string {
  const line = log.lines[log.reasonLine]?.trim();
  return firstLower(line || log.report?.reason || message.trim().split('\n')[0] || 'no reason was given');
}

function whereOf(item: DiagnosisItem | undefined, insn: number): string {
  const at = insn >= 0 ? ` at instruction ${insn}` : '';
  if (!item) return at;
  return `${at} (${item.file === '' ? 'your line' : `${item.file}, line`} ${item.line})`;
}

function sourceOf(item: DiagnosisItem | undefined, cell: Refusal['cell']): string {
  return item?.file === '' ? (cell.body.split('\n')[item.line - cell.bodyLine] ?? '').trim() : '';
}

function programOf(refusal: Refusal, log: VerifierLog): string {
  return refusal.program || log.report?.at?.program || '';
}

function findPlace(log: VerifierLog, trace: ProgramTrace, cell: Refusal['cell']): LogPlace | null {
  return log.report?.at ?? placeByInsn(trace, log) ?? log.place ?? placeByText(log.source, cell);
}

/** The failing place first, then the steps of the kernel's own report. */
function itemsOf(
  log: VerifierLog,
  { place, reason }: { place: LogPlace | null; reason: string },
  cell: Refusal['cell']
): DiagnosisItem[] {
  const items = place ? [itemAt(place, 'error', log.report?.reason || reason, cell)] : [];
  for (const step of log.report?.path ?? []) items.push(itemAt(step.at, 'note', step.what, cell));
  return items;
}

/**
 * Explains a refusal: the reason, the C line it belongs to, what was known there and how it came to it, what to write, and
 * the whole log. Never throws; a log that is empty or not a log gives what the loader said.
 */
export function diagnose(refusal: Refusal): DiagnosisBundle {
  const { cell, message } = refusal;
  const log = parseVerifierLog(refusal.log);
  const program = programOf(refusal, log);
  const trace = { program, functions: refusal.functionsOf(program), body: cell.body, body_line: cell.bodyLine };
  const place = findPlace(log, trace, cell);
  const reason = reasonOf(log, message);
  const items = itemsOf(log, { place, reason }, cell);
  const item = place ? items[0] : undefined;
  const hint = log.report?.suggestion || errorTable[CODE].hint;
  const explanation = explainRefusal(log, trace, { message, hint, fileOf: cellFile });
  return {
    version: 1,
    code: CODE,
    message: `The verifier rejected "${program || 'the program'}": ${reason}${whereOf(item, log.insn)}.`,
    hint: explanation.write.en,
    items,
    log: refusal.log === '' ? [] : log.lines,
    reason_line: log.reasonLine,
    source_line: log.sourceLine,
    source: sourceOf(item, cell) || log.source,
    program,
    explanation,
    trace
  };
}
