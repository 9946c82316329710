/** The last execution of a cell, as far as it matters for what is out of date. */
export interface IRanCell {
  /** Text that was executed. */
  source: string;
  /** Executions count up; a later one has a greater number. */
  order: number;
  /** Order of the first execution with this text in a row. */
  changedOrder: number;
}

/** Why the output of a cell is out of date: the cell was edited, or a header that it includes was written anew. */
export type StaleReason = { kind: 'edited' } | { kind: 'header'; header: string };

const INCLUDE = /^[ \t]*#[ \t]*include[ \t]+"([^"\n]+)"/gm;

/** Path that a `%%file` cell writes; null for other cells. */
function filePath(source: string): string | null {
  return /^\s*%%(?:file|writefile)[ \t]+(?:"([^"\n]+)"|(\S+))/.exec(source)?.slice(1).find(Boolean) ?? null;
}

const includesOf = (source: string): string[] => [...source.matchAll(INCLUDE)].map(match => match[1] ?? '');

/**
 * The cells whose outputs are out of date.
 *
 * @param ran - last executions by cell id
 * @param current - text of each cell now, by id; cells that never ran are not out of date
 */
export function staleCells(
  ran: ReadonlyMap<string, IRanCell>,
  current: Iterable<[string, string]>
): Map<string, StaleReason> {
  const files = new Map<string, IRanCell>();
  for (const cell of ran.values()) {
    const path = filePath(cell.source);
    if (path !== null && (files.get(path)?.order ?? 0) < cell.order) {
      files.set(path, cell);
    }
  }
  const stale = new Map<string, StaleReason>();
  for (const [id, source] of current) {
    const cell = ran.get(id);
    if (cell === undefined) {
      continue;
    }
    if (cell.source !== source) {
      stale.set(id, { kind: 'edited' });
    } else if (filePath(source) === null) {
      const header = newerHeader(cell, files);
      if (header !== null) {
        stale.set(id, { kind: 'header', header });
      }
    }
  }
  return stale;
}

/** A header of the cell, or of its headers, with a text that is newer than the cell's execution. */
function newerHeader(cell: IRanCell, files: ReadonlyMap<string, IRanCell>): string | null {
  const seen = new Set<string>();
  const waiting = includesOf(cell.source);
  for (let header = waiting.pop(); header !== undefined; header = waiting.pop()) {
    const file = seen.has(header) ? undefined : files.get(header);
    seen.add(header);
    if (file !== undefined) {
      if (file.changedOrder > cell.order) {
        return header;
      }
      waiting.push(...includesOf(file.source));
    }
  }
  return null;
}
