/**
 * Which rows a window shows, and in what order. An index is kept per (sort, filters) that somebody looks at, and grows
 * with the rows: new ones are tested once, put at the end or, when sorted, at their place.
 */
import type { WindowRequest } from '../../protocol/index.js';
import type { Column } from '../decode/column.js';
import { compileExpression, type ExpressionColumns } from '../filter/compile-expression.js';
import type { RowChunks } from './row-chunks.js';
import { rowTest, type RowTest } from './row-filter.js';
import { sortKeyOf, type SortKey } from './row-order.js';
import { RowComparer, sortRows } from './sort-rows.js';

/** Rows after filter and sort. `rowAt(i)` is a row number, 0 ≤ i < count. */
export interface RowSelection {
  count: number;
  /** Number of the first row when all rows stand in their order of arrival, none left out. */
  runFrom?: number;
  /** Why `where` cannot be read; `count` is 0 then. */
  whereError?: { message: string; from: number; to: number };
  rowAt(index: number): number;
}

/** What selects and orders rows; the part of a request that an index is kept for. */
export type RowQuery = Pick<WindowRequest, 'sort' | 'filters' | 'where'>;

/** More new rows than this part of the sorted ones: sorting all anew is cheaper than finding each one's place. */
const MERGE_SHARE = 1 / 16;
const KEPT_INDEXES = 4;

class SortedIndex {
  readonly #rows: RowChunks;
  readonly #tests: RowTest[];
  readonly #key: SortKey | null;
  /** Row numbers minus `#base`, in order of the key, or of arrival. */
  #numbers = new Uint32Array(1024);
  #start = 0;
  #count = 0;
  #base: number;
  #tested: number;

  constructor(rows: RowChunks, tests: RowTest[], key: SortKey | null) {
    this.#rows = rows;
    this.#tests = tests;
    this.#key = key;
    this.#base = rows.first;
    this.#tested = rows.first;
  }

  get count(): number {
    return this.#count;
  }

  rowAt(index: number): number {
    return this.#base + (this.#numbers[this.#start + index] as number);
  }

  update(): void {
    const { first, end } = this.#rows;
    if (end - this.#base > 0xffffffff) this.#restart();
    if (first > this.#base) this.#forgetEvicted(first - this.#base);
    if (this.#tested === end) return;
    const fresh = this.#matching(Math.max(this.#tested, first), end);
    this.#tested = end;
    if (this.#key && this.#count > 0 && fresh.length <= this.#count * MERGE_SHARE) this.#merge(fresh, this.#key);
    else this.#append(fresh);
  }

  #restart(): void {
    this.#base = this.#rows.first;
    this.#tested = this.#rows.first;
    this.#start = 0;
    this.#count = 0;
  }

  #forgetEvicted(least: number): void {
    if (!this.#key) {
      while (this.#count > 0 && (this.#numbers[this.#start] as number) < least) {
        this.#start++;
        this.#count--;
      }
      return;
    }
    const numbers = this.#numbers;
    let kept = 0;
    for (let index = this.#start; index < this.#start + this.#count; index++) {
      const number = numbers[index] as number;
      if (number >= least) numbers[kept++] = number;
    }
    this.#start = 0;
    this.#count = kept;
  }

  #matching(from: number, to: number): Uint32Array {
    const found = new Uint32Array(to - from);
    let count = 0;
    const base = this.#base;
    const tests = this.#tests;
    const single = tests.length === 1 ? tests[0] : undefined;
    if (tests.length === 0) {
      for (let number = from; number < to; number++) found[count++] = number - base;
      return found;
    }
    this.#rows.scan(from, to, (row, number) => {
      if (single ? single(row) : tests.every(test => test(row))) found[count++] = number - base;
    });
    return found.subarray(0, count);
  }

  #append(fresh: Uint32Array): void {
    const count = this.#count + fresh.length;
    if (this.#start + count > this.#numbers.length) this.#grow(count);
    this.#numbers.set(fresh, this.#start + this.#count);
    this.#count = count;
    if (!this.#key || fresh.length === 0) return;
    sortRows(this.#rows, this.#numbers.subarray(this.#start, this.#start + count), this.#base, this.#key);
  }

  #grow(count: number): void {
    const longer = new Uint32Array(Math.max(1024, count + (count >> 1)));
    longer.set(this.#numbers.subarray(this.#start, this.#start + this.#count));
    this.#numbers = longer;
    this.#start = 0;
  }

  /** Finds each new row's place by bisection, then moves the parts between the places once. */
  #merge(fresh: Uint32Array, key: SortKey): void {
    if (fresh.length === 0) return;
    sortRows(this.#rows, fresh, this.#base, key);
    const comparer = new RowComparer(this.#rows, key);
    const total = this.#count + fresh.length;
    const old = this.#numbers.slice(this.#start, this.#start + this.#count);
    if (total > this.#numbers.length) this.#numbers = new Uint32Array(total + (total >> 1));
    this.#start = 0;
    this.#count = total;
    let from = 0;
    let at = 0;
    for (const number of fresh) {
      const place = placeOf(old, from, found => comparer.compare(this.#base + found, this.#base + number) <= 0);
      this.#numbers.set(old.subarray(from, place), at);
      at += place - from;
      this.#numbers[at++] = number;
      from = place;
    }
    this.#numbers.set(old.subarray(from), at);
  }
}

/** First index in [from, end) whose element is not before the wanted place. */
function placeOf(sorted: Uint32Array, from: number, isBefore: (element: number) => boolean): number {
  let low = from;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(sorted[middle] as number)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The indexes of one store. */
export class RowIndexes {
  readonly #rows: RowChunks;
  readonly #columns: ExpressionColumns;
  readonly #kept = new Map<string, SortedIndex>();

  constructor(rows: RowChunks, columns: ExpressionColumns) {
    this.#rows = rows;
    this.#columns = columns;
  }

  /** Forgets everything: the columns or all rows are others. */
  clear(): void {
    this.#kept.clear();
  }

  /** Rows that the query keeps, up to date; conditions on columns that do not exist keep nothing. */
  select({ sort, filters, where = '' }: RowQuery): RowSelection {
    const sortColumn = sort ? this.#columns.column(sort.column) : undefined;
    const isWhole = filters.length === 0 && where.trim() === '';
    if (!sortColumn && isWhole) {
      const { first, end } = this.#rows;
      return { count: end - first, runFrom: first, rowAt: index => first + index };
    }
    const index = this.#indexFor({ sortColumn, filters, where });
    if (!(index instanceof SortedIndex)) return { count: 0, whereError: index, rowAt: () => 0 };
    if (sortColumn) this.#rows.pinned(() => index.update());
    else index.update();
    const { count } = index;
    if (sortColumn && sort?.descending) return { count, rowAt: at => index.rowAt(count - 1 - at) };
    return { count, rowAt: at => index.rowAt(at) };
  }

  #indexFor(wanted: IndexQuery): SortedIndex | NonNullable<RowSelection['whereError']> {
    const name = JSON.stringify([wanted.sortColumn?.spec.name ?? null, wanted.filters, wanted.where]);
    const known = this.#kept.get(name);
    // Last used stands last, so that the first one is the one to forget.
    if (known) this.#kept.delete(name);
    const index = known ?? this.#make(wanted);
    if (!(index instanceof SortedIndex)) return index;
    this.#kept.set(name, index);
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > KEPT_INDEXES && oldest !== undefined) this.#kept.delete(oldest);
    return index;
  }

  #make({ sortColumn, filters, where }: IndexQuery): SortedIndex | NonNullable<RowSelection['whereError']> {
    const tests = filters.map(filter => {
      const column = this.#columns.column(filter.column);
      return column ? rowTest(column, filter) : () => false;
    });
    if (where.trim() !== '') {
      const compiled = compileExpression(where, this.#columns);
      if (compiled.kind === 'invalid') return { message: compiled.message, from: compiled.from, to: compiled.to };
      tests.push(compiled.test);
    }
    return new SortedIndex(this.#rows, tests, sortColumn ? sortKeyOf(sortColumn) : null);
  }
}

interface IndexQuery {
  sortColumn: Column | undefined;
  filters: WindowRequest['filters'];
  where: string;
}
