import { MAP_HEX_COLUMNS, type ColumnSpec, type ViewBundle } from 'kernel-gateway/protocol';

/** Columns of trace lines that a list of lines leaves out: letters that only a kernel developer reads. */
const HIDDEN_IN_LINES = new Set(['flags']);
/** Columns that a table shows at first; a struct of thousands has all of them to choose from. */
export const MAX_SHOWN_COLUMNS = 40;

/** All columns that a table of this view can show; those of single CPUs stand behind their sum. */
export function allColumns(
  bundle: Pick<ViewBundle, 'kind' | 'columns'>,
  hex: { key: string; value: string }
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
    ...bundle.columns,
    bytes(MAP_HEX_COLUMNS.key, 'key', hex.key),
    bytes(MAP_HEX_COLUMNS.value, 'value', hex.value)
  ];
}

/** Whether a column is shown before the user has chosen: not hex, not what single CPUs have, not too many. */
export function isShownAtFirst(
  bundle: Pick<ViewBundle, 'kind' | 'columns'>,
  column: ColumnSpec,
  index: number
): boolean {
  const isHex = column.name === MAP_HEX_COLUMNS.key || column.name === MAP_HEX_COLUMNS.value;
  if (bundle.kind === 'printk' || bundle.kind === 'text') {
    return !HIDDEN_IN_LINES.has(column.name);
  }
  const hasSum = bundle.columns.some(other => other.name === column.per_cpu?.of);
  return !(isHex && bundle.kind === 'map') && !(column.per_cpu && hasSum) && index < MAX_SHOWN_COLUMNS;
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
