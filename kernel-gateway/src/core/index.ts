/** The pure middle: cells, objects, types, stores, verifier logs, the session's reducer. No Node, no DOM. */
export type * from './object/type-table.js';
export type * from './object/object-spec.js';
export type * from './cells/cell-spec.js';
export type * from './cells/build.js';
export type * from './store/store.js';
export type * from './session/ports.js';
export type * from './session/cancel-signal.js';
