import { MAP_DELTA_PREFIX, MAP_HEX_COLUMNS, type ColumnSpec, type ViewBundle } from 'kernel-gateway/protocol';

/** Columns of trace lines that a list of lines leaves out: letters that only a kernel developer reads. */
const HIDDEN_IN_LINES = new Set(['flags']);
/** Columns that a table shows at first; a struct of thousands has all of them to choose from. */
export const MAX_SHOWN_COLUMNS = 40;

/** Captions of the columns that a map has beside those of its types. */
export interface IMapCaptions {
  key: string;
  value: string;
  delta: string;
}

/**
 * All columns that a table of this view can show. A map has its bytes and, where a session reads it again and again
 * (`isLive`), what each number gained since the read before.
 */
export function allColumns(
  bundle: Pick<ViewBundle, 'kind' | 'columns'>,
  captions: IMapCaptions,
  isLive: boolean
): ColumnSpec[] {
  if (bundle.kind !== 'map') {
    return bundle.columns;
  }
  const bytes = (name: string, role: 'key' | 'value', caption: string): ColumnSpec => ({
    name,
    kind: 'text',
    c_type: caption,
    unit: '',
    role
  });
  return [
    ...bundle.columns.flatMap(column =>
      isLive && isNumber(column) ? [column, deltaOf(column, captions.delta)] : [column]
    ),
    bytes(MAP_HEX_COLUMNS.key, 'key', captions.key),
    bytes(MAP_HEX_COLUMNS.value, 'value', captions.value)
  ];
}

const isNumber = ({ kind, role }: ColumnSpec): boolean => kind !== 'text' && role === 'value';

const deltaOf = ({ name, kind, unit, per_cpu: part }: ColumnSpec, caption: string): ColumnSpec => ({
  name: `${MAP_DELTA_PREFIX}${name}`,
  kind: kind === 'f64' ? 'f64' : 'i64',
  c_type: caption,
  unit,
  role: 'value',
  ...(part === undefined ? {} : { per_cpu: part })
});

/** Whether a column is written by nobody: bytes, and what is reckoned from other columns. */
export const isDerived = ({ name }: ColumnSpec): boolean =>
  name === MAP_HEX_COLUMNS.key || name === MAP_HEX_COLUMNS.value || name.startsWith(MAP_DELTA_PREFIX);

/** Whether a column is shown before the user has chosen: not hex, not what single CPUs have, not too many. */
function isShownAtFirst(bundle: Pick<ViewBundle, 'kind' | 'columns'>, column: ColumnSpec, index: number): boolean {
  const isHex = column.name === MAP_HEX_COLUMNS.key || column.name === MAP_HEX_COLUMNS.value;
  if (bundle.kind === 'printk' || bundle.kind === 'text') {
    return !HIDDEN_IN_LINES.has(column.name);
  }
  const { per_cpu: part } = column;
  const hasSum = part !== undefined && bundle.columns.some(other => other.name === part.of);
  return !(isHex && bundle.kind === 'map') && !hasSum && index < MAX_SHOWN_COLUMNS;
}

/** The columns that are shown: as the user chose (`chosen` by name), else as `isShownAtFirst` says; never none. */
export function visibleColumns(
  bundle: Pick<ViewBundle, 'kind' | 'columns'>,
  all: readonly ColumnSpec[],
  chosen: ReadonlyMap<string, boolean>
): ColumnSpec[] {
  const shown = all.filter((column, index) => chosen.get(column.name) ?? isShownAtFirst(bundle, column, index));
  return shown.length === 0 ? all.slice(0, 1) : shown;
}
