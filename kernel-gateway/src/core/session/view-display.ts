import { Mime, type HistogramSeries, type MapEditing, type ViewBundle } from '../../protocol/index.js';
import type { Store } from '../store/store.js';
import type { RunState } from '../../protocol/index.js';
import { mapKinds } from './map-kinds.js';
import type { ViewRecord } from './session-state.js';

/** Rows of a snapshot at most; fewer when they are wide, so that a bundle stays near 30 KB. */
const SNAPSHOT_ROWS = 200;
const SNAPSHOT_CELLS = 2000;
const TEXT_ROWS = 20;
/** Series of a histogram that the vega-lite chart shows, one below the other. */
const CHART_SERIES = 8;

/** What a view tells beside its data. */
export interface ViewFacts {
  session: string;
  runState: RunState;
  live: ViewSource;
}

/** What the session knows about the data behind a view. */
interface ViewSource {
  readonly notes: string[];
  readonly alternatives: ViewBundle['alternatives'];
  readonly maxEntries?: number;
  readonly history?: object;
  readonly editor?: { readonly editing: MapEditing };
  readonly recordTypes?: NonNullable<ViewBundle['record_types']>;
  readonly globals?: ViewBundle['globals'];
}

/** A view as a MIME bundle: our own type, text, and vega-lite where a chart is meant. */
export function viewDisplay(view: ViewRecord, store: Store, facts: ViewFacts): Record<string, unknown> {
  const bundle = viewBundle(view, store, facts);
  const chart = view.kind === 'histogram' ? histogramChart(view.title, bundle.snapshot.histograms ?? []) : null;
  return {
    [Mime.view]: bundle,
    ...(chart === null ? {} : { 'application/vnd.vegalite.v5+json': chart }),
    'text/plain': viewText(view, store, facts)
  };
}

/** The window's description and newest contents; see `ViewBundle`. */
function viewBundle(view: ViewRecord, store: Store, facts: ViewFacts): ViewBundle {
  const rows = Math.max(1, Math.min(SNAPSHOT_ROWS, Math.floor(SNAPSHOT_CELLS / Math.max(1, store.columns.length))));
  return {
    version: 1,
    view: view.id,
    run: view.run,
    session: facts.session,
    kind: view.kind,
    title: view.title,
    columns: store.columns,
    state: store.state,
    ...optionalFacts(facts.live),
    alternatives: facts.live.alternatives,
    notes: [...facts.live.notes],
    snapshot: store.snapshot(rows)
  };
}

function optionalFacts({ maxEntries, history, editor, recordTypes, globals }: ViewSource): Partial<ViewBundle> {
  return {
    ...(maxEntries === undefined ? {} : { capacity: String(maxEntries) }),
    ...(history === undefined ? {} : { has_history: true }),
    ...(editor === undefined ? {} : { editing: editor.editing }),
    ...(recordTypes === undefined
      ? {}
      : { record_types: { current: recordTypes.current, candidates: recordTypes.candidates } }),
    ...(globals === undefined ? {} : { globals })
  };
}

/** Title, newest rows and what must be known about them. */
function viewText(view: ViewRecord, store: Store, facts: ViewFacts): string {
  const notYet = facts.runState === 'attached' ? 'nothing yet' : '';
  const text = store.totalRows === 0n ? notYet : store.text(TEXT_ROWS).replace(/\n+$/, '');
  const notes = facts.live.notes.map(note => `(${note})`);
  return [`${view.title}: ${countText(view, store)}`, text, ...notes].filter(line => line !== '').join('\n');
}

/** `3 events`, `1 entry`. */
export function countText(view: Pick<ViewRecord, 'kind'>, store: Store): string {
  const noun = mapKinds.has(view.kind) ? ['entry', 'entries'] : ['line', 'lines'];
  const [one, many] =
    view.kind === 'events' ? ['event', 'events'] : view.kind === 'globals' ? ['variable', 'variables'] : noun;
  return `${store.totalRows} ${store.totalRows === 1n ? one : many}`;
}

function histogramChart(title: string, series: HistogramSeries[]): Record<string, unknown> {
  const shown = series.slice(0, CHART_SERIES);
  const values = shown.flatMap(one =>
    one.buckets.map((bucket, order) => ({
      key: one.key,
      order,
      range: bucket.low === bucket.high ? bucket.low : `${bucket.low} … ${bucket.high}`,
      count: Number(bucket.count)
    }))
  );
  const unit = shown[0]?.unit ?? '';
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    title,
    data: { values },
    mark: 'bar',
    encoding: {
      y: { field: 'range', type: 'ordinal', sort: { field: 'order' }, title: unit === '' ? null : unit },
      x: { field: 'count', type: 'quantitative' },
      ...(shown.length > 1 ? { row: { field: 'key', type: 'nominal', title: null } } : {})
    }
  };
}
