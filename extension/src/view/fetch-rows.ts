import type { WindowRequest } from 'kernel-gateway/protocol';
import type { IRowSource } from './row-source.js';
import type { IRowWindow } from './row-window.js';

/** A window that holds all rows that a request names: `known` when it does, else the first that comes. */
export function fetchRows(source: IRowSource, request: WindowRequest, known: IRowWindow | null): Promise<IRowWindow> {
  const { first, count } = request;
  const holds = (window: IRowWindow | null): window is IRowWindow =>
    window !== null && window.first <= first && window.first + window.count >= Math.min(first + count, window.matching);
  if (holds(known)) {
    return Promise.resolve(known);
  }
  return new Promise(resolve => {
    const take = (_: IRowSource, window: IRowWindow): void => {
      if (holds(window)) {
        source.changed.disconnect(take);
        resolve(window);
      }
    };
    source.changed.connect(take);
    source.request(request);
  });
}
