import type { CompileFailure } from '../cells/build.js';
import type { DiagnosisBundle } from '../../protocol/index.js';
import { errorTable } from '../../protocol/index.js';

const CODE = 'BPFLAB_CC_FAILED';

/** What the compiler says about a cell, as a bundle and as text: its items at lines of the cell, the source of the first. */
export function compileDiagnosis(
  body: string,
  bodyLine: number,
  failure: CompileFailure
): { bundle: DiagnosisBundle; text: string } {
  const errors = failure.items.filter(item => item.severity === 'error');
  const first = errors[0] ?? failure.items[0];
  const count = errors.length === 1 ? '1 error' : `${errors.length} errors`;
  const message = first === undefined ? 'The compiler refused the program.' : `${count}: ${first.message}`;
  const isInCell = first !== undefined && first.file === '' && first.line >= bodyLine;
  const source = isInCell ? (body.split('\n')[first.line - bodyLine] ?? '') : '';
  const bundle: DiagnosisBundle = {
    version: 1,
    code: CODE,
    message,
    hint: errorTable[CODE].hint,
    items: failure.items,
    log: [],
    reason_line: -1,
    source_line: -1,
    source: source.trim(),
    program: ''
  };
  const lines = failure.items.map(item => {
    const file = item.file === '' ? 'cell' : item.file;
    return `${file}:${item.line}:${item.column}: ${item.severity}: ${item.message}`;
  });
  return { bundle, text: [message, ...lines].join('\n') };
}
