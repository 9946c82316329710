import type { ColumnSpec, SnapshotCell, WindowFilter, WindowRequest } from 'kernel-gateway/protocol';

type Order = (a: string, b: string) => number;

const byNumber: Order = (a, b) => {
  const [left, right] = [BigInt(a), BigInt(b)];
  return left < right ? -1 : left > right ? 1 : 0;
};
const byFloat: Order = (a, b) => Number(a) - Number(b);
const byText: Order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** Orders cells of a column as the store does: integers exactly, text by code unit. A cell that is no number counts as text. */
function orderOf(column: ColumnSpec): Order {
  const numeric = column.kind === 'f64' ? byFloat : byNumber;
  if (column.kind === 'text') {
    return byText;
  }
  return (a, b) => {
    try {
      return numeric(a, b);
    } catch {
      return byText(a, b);
    }
  };
}

/** Whether a cell meets a condition; the same rule as the gateway's stores. */
function matches(cell: string, filter: WindowFilter, order: Order): boolean {
  switch (filter.op) {
    case 'contains':
      return cell.toLowerCase().includes(filter.value.toLowerCase());
    case 'not contains':
      return !cell.toLowerCase().includes(filter.value.toLowerCase());
    case '=':
      return order(cell, filter.value) === 0;
    case '!=':
      return order(cell, filter.value) !== 0;
    case '<':
      return order(cell, filter.value) < 0;
    case '<=':
      return order(cell, filter.value) <= 0;
    case '>':
      return order(cell, filter.value) > 0;
    case '>=':
      return order(cell, filter.value) >= 0;
  }
}

/** The rows that a request lets through, in its order; used where no kernel answers (a snapshot). */
export function filterRows(
  columns: readonly ColumnSpec[],
  rows: readonly SnapshotCell[][],
  request: Pick<WindowRequest, 'filters' | 'sort'>
): SnapshotCell[][] {
  const indexOf = (name: string): number => columns.findIndex(column => column.name === name);
  let result = [...rows];
  for (const filter of request.filters) {
    const index = indexOf(filter.column);
    const column = columns[index];
    if (column !== undefined) {
      const order = orderOf(column);
      result = result.filter(row => matches(row[index] ?? '', filter, order));
    }
  }
  const { sort } = request;
  const sortIndex = sort ? indexOf(sort.column) : -1;
  const sortColumn = columns[sortIndex];
  if (sort && sortColumn !== undefined) {
    const order = orderOf(sortColumn);
    const sign = sort.descending ? -1 : 1;
    result.sort((a, b) => sign * order(a[sortIndex] ?? '', b[sortIndex] ?? ''));
  }
  return result;
}
