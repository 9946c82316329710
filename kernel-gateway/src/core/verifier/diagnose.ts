import { errorTable, type DiagnosisBundle, type DiagnosisItem } from '../../protocol/index.js';
import type { ObjectSpec, ProgramSpec } from '../object/object-spec.js';
import { parseVerifierLog, type LogPlace, type VerifierLog } from './parse-log.js';
import { reasonTable } from './reason.table.js';

/** A refusal of the verifier, and the cell whose program it refuses. */
export interface Refusal {
  /** Name of the program; empty when the loader does not say. */
  program: string;
  /** The verifier's log, whole. */
  log: string;
  /** What the loader says, for a refusal without a log: libbpf's or the kernel's own words. */
  message: string;
  /** The object that was loaded. */
  object: Pick<ObjectSpec, 'programs'>;
  cell: { body: string; bodyLine: number };
}

const CODE = 'BPFLAB_VERIFIER_REJECTED';

/** A file of the session by its path in the session; empty for the cell itself, whose file is NAME.bpf.c. */
function cellFile(path: string): string {
  const file = path.replace(/^(?:\.\/|\/session\/)/, '');
  return /\.bpf\.c$/.test(file) && !file.includes('/') ? '' : file;
}

/**
 * Place by the object's own line table. Subprograms are behind the program in what is loaded, so that only the program's
 * own instructions keep their numbers.
 */
function placeByInsn(program: ProgramSpec | undefined, log: VerifierLog): LogPlace | null {
  if (!program || log.insn < 0 || log.insn >= program.insnCount) return null;
  const found = program.lines.filter(line => line.insn <= log.insn).at(-1);
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

/** The next step: our own words for the reason, else the kernel's. */
function hintOf(reason: string, log: VerifierLog, message: string): string {
  const known = reasonTable.find(row => row.pattern.test(reason) || row.pattern.test(message));
  return known?.hint ?? (log.report?.suggestion || errorTable[CODE].hint);
}

function sourceOf(item: DiagnosisItem | undefined, cell: Refusal['cell']): string {
  return item?.file === '' ? (cell.body.split('\n')[item.line - cell.bodyLine] ?? '').trim() : '';
}

function programOf(refusal: Refusal, log: VerifierLog): string {
  return refusal.program || log.report?.at?.program || '';
}

function findPlace(log: VerifierLog, program: ProgramSpec | undefined, cell: Refusal['cell']): LogPlace | null {
  return log.report?.at ?? placeByInsn(program, log) ?? log.place ?? placeByText(log.source, cell);
}

/**
 * Explains a refusal: the reason, the C line it belongs to, what to do, and the whole log. Never throws; a log that is
 * empty or not a log gives what the loader said.
 */
export function diagnose(refusal: Refusal): DiagnosisBundle {
  const { cell } = refusal;
  const log = parseVerifierLog(refusal.log);
  const program = programOf(refusal, log);
  const spec = refusal.object.programs.find(one => one.name === program);
  const place = findPlace(log, spec, cell);
  const reason = reasonOf(log, refusal.message);
  const items = place ? [itemAt(place, 'error', log.report?.reason || reason, cell)] : [];
  for (const step of log.report?.path ?? []) items.push(itemAt(step.at, 'note', step.what, cell));
  const item = place ? items[0] : undefined;
  return {
    version: 1,
    code: CODE,
    message: `The verifier rejected "${program || 'the program'}": ${reason}${whereOf(item, log.insn)}.`,
    hint: hintOf(reason, log, refusal.message),
    items,
    log: refusal.log === '' ? [] : log.lines,
    reason_line: log.reasonLine,
    source_line: log.sourceLine,
    source: sourceOf(item, cell) || log.source,
    program
  };
}
