/** The pure middle: cells, objects, types, stores, verifier logs, the session's reducer. No Node, no DOM. */
export type * from './object/type-table.js';
export type * from './object/object-spec.js';
export type * from './cells/cell-spec.js';
export type * from './cells/build.js';
export type * from './store/store.js';
export type * from './session/ports.js';
export type * from './session/cancel-signal.js';
export { readObject } from './object/read-object.js';
export { findType, sizeOf, typeName } from './object/type-layout.js';
export { columnsOf } from './decode/columns-of.js';
export { formatValue } from './decode/value-text.js';
export { createRecordStore, type RecordStore, type RecordStoreOptions } from './store/record-store.js';
export { createMapStore, type MapStore, type MapStoreOptions } from './store/map-store.js';
export { createPrintkStore, type PrintkStore, type PrintkStoreOptions } from './store/printk-store.js';
export { recognizeHistogram, type HistogramShape } from './decode/recognize-histogram.js';
export { parseValue } from './decode/parse-value.js';
