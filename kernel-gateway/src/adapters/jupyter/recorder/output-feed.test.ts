import { describe, expect, it } from 'vitest';
import type { OutputsMessage } from '../../../protocol/index.js';
import { NotebookRecord } from './notebook-record.js';
import { OutputFeed } from './output-feed.js';

/** A page that reads when the test says so. */
class Page {
  bufferedBytes = 0;
  readonly told: OutputsMessage[] = [];
  #arrived: () => void = () => undefined;

  send(data: string | Uint8Array, arrived: () => void): void {
    this.told.push(JSON.parse(data as string) as OutputsMessage);
    this.#arrived = arrived;
  }

  read(): void {
    this.bufferedBytes = 0;
    this.#arrived();
  }
}

describe('a feed of recorded outputs', () => {
  it('tells everything as it comes, and what is there at first', () => {
    const record = new NotebookRecord(null, () => undefined);
    record.begin('a', 'r1', 'text');
    const page = new Page();
    const feed = new OutputFeed(record, page);
    record.begin('b', 'r2', 'text');
    record.clear(['a']);
    feed.end();
    record.begin('c', 'r3', 'text');
    expect(page.told).toMatchObject([
      { type: 'cells', cells: [{ cell: 'a' }] },
      { type: 'begin', cell: { cell: 'b' } },
      { type: 'clear', cells: ['a'] }
    ]);
  });

  it('tells a page that does not read the newest of each cell, once', () => {
    const record = new NotebookRecord(null, () => undefined);
    const page = new Page();
    new OutputFeed(record, page);
    page.bufferedBytes = 1e6;
    for (let n = 0; n < 1000; n++) record.begin(n % 2 === 0 ? 'a' : 'b', `r${n}`, 'text');
    expect(page.told).toHaveLength(1);
    page.read();
    expect(page.told.slice(1)).toMatchObject([
      { type: 'begin', cell: { cell: 'a', request: 'r998' } },
      { type: 'begin', cell: { cell: 'b', request: 'r999' } }
    ]);
    record.clear(['a']);
    expect(page.told.at(-1)).toEqual({ type: 'clear', cells: ['a'] });
  });
});
