import type { AgentConnection } from '../../core/index.js';
import { toHex } from '../../core/session/global-bytes.js';
import { editEntry, emptyEntry, type MapEntry, type MapShape } from '../../core/session/map-edit.js';
import { LabError, type FieldText, type MapEditing } from '../../protocol/index.js';
import { eachRecord } from './each-record.js';

/** Keys that one request deletes. */
const DELETE_BATCH = 1024;
/** Keys that are read at a time to delete or zero all entries. */
const CLEAR_BATCH = 65_536;

/** What an editor works on. */
interface MapEditorOptions {
  connection: AgentConnection;
  /** Kernel id of the map. */
  mapId: number;
  shape: MapShape;
  editing: MapEditing;
}

/** Changes the entries of a loaded map as the user writes them; who calls it reads the map anew. */
export class MapEditor {
  readonly editing: MapEditing;
  readonly #connection: AgentConnection;
  readonly #mapId: number;
  readonly #shape: MapShape;

  constructor(options: MapEditorOptions) {
    this.editing = options.editing;
    this.#connection = options.connection;
    this.#mapId = options.mapId;
    this.#shape = options.shape;
  }

  /**
   * Changes columns of the entry of a key. Only the columns that are named change, but the entry is read and written as a
   * whole: what a program writes in between is overwritten. Another key moves the entry.
   *
   * @throws LabError BPFLAB_VALUE_INVALID, BPFLAB_MAP_OPERATION when the entry is gone or the new key is taken
   */
  async update(key: string, fields: readonly FieldText[]): Promise<void> {
    const before = await this.#read(key);
    if (before === null) {
      throw new LabError('BPFLAB_MAP_OPERATION', `The entry is no longer in the map "${this.#shape.map.name}".`);
    }
    const after = editEntry(this.#shape, before, fields);
    const newKey = toHex(after.key);
    if (newKey === key.toLowerCase()) {
      await this.#write(after);
      return;
    }
    if (!this.editing.can_delete) {
      throw new LabError('BPFLAB_MAP_OPERATION', `The index of an entry of "${this.#shape.map.name}" cannot change.`);
    }
    await this.#writeNew(after);
    await this.#connection.request('map_delete', { map_id: this.#mapId, keys: [key] });
  }

  /** Adds an entry. @throws LabError as `update` */
  async insert(fields: readonly FieldText[]): Promise<void> {
    await this.#writeNew(editEntry(this.#shape, emptyEntry(this.#shape), fields));
  }

  /** Deletes the entries of these keys; those that are gone already do not matter. */
  async remove(keys: readonly string[]): Promise<void> {
    if (!this.editing.can_delete) {
      throw new LabError('BPFLAB_MAP_OPERATION', `Entries of the array "${this.#shape.map.name}" cannot be deleted.`);
    }
    for (let from = 0; from < keys.length; from += DELETE_BATCH) {
      await this.#connection.request('map_delete', {
        map_id: this.#mapId,
        keys: keys.slice(from, from + DELETE_BATCH)
      });
    }
  }

  /** Deletes all entries that are there now; those of an array become 0. */
  async clear(): Promise<void> {
    const rounds = Math.ceil(this.#shape.map.maxEntries / CLEAR_BATCH) + 1;
    let cursor: string | undefined;
    for (let round = 0; round < rounds; round++) {
      const read = await this.#keys(cursor);
      await (this.editing.can_delete ? this.remove(read.keys) : this.#zero(read.keys));
      if (read.isComplete) {
        return;
      }
      // A cursor is the last key, which a deletion has taken away.
      cursor = this.editing.can_delete ? undefined : read.cursor;
    }
  }

  async #zero(keys: readonly string[]): Promise<void> {
    const value = toHex(emptyEntry(this.#shape).value);
    for (let from = 0; from < keys.length; from += DELETE_BATCH) {
      const entries = keys.slice(from, from + DELETE_BATCH).map(key => ({ key, value }));
      await this.#connection.request('map_update', { map_id: this.#mapId, entries });
    }
  }

  async #read(key: string): Promise<MapEntry | null> {
    const { found, value } = await this.#connection.request('map_lookup', { map_id: this.#mapId, key });
    return found ? { key: Buffer.from(key, 'hex'), value: Buffer.from(value, 'hex') } : null;
  }

  async #write(entry: MapEntry, flags = 0): Promise<void> {
    const entries = [{ key: toHex(entry.key), value: toHex(entry.value) }];
    await this.#connection.request('map_update', { map_id: this.#mapId, entries, flags });
  }

  async #writeNew(entry: MapEntry): Promise<void> {
    if ((await this.#read(toHex(entry.key))) !== null) {
      throw new LabError('BPFLAB_MAP_OPERATION', `The map "${this.#shape.map.name}" has an entry of this key already.`);
    }
    await this.#write(entry);
  }

  async #keys(cursor?: string): Promise<{ keys: string[]; cursor: string; isComplete: boolean }> {
    const stream = this.#connection.newStream();
    const { keySize } = this.#shape.map;
    const keys: string[] = [];
    const ended = new Promise<void>(resolve => {
      const data = (payload: Uint8Array): void =>
        eachRecord(payload, bytes => keys.push(toHex(bytes.subarray(0, keySize))));
      this.#connection.onStream(stream, { data, end: resolve });
    });
    const read = await this.#connection.request('map_read', {
      map_id: this.#mapId,
      stream,
      limit: CLEAR_BATCH,
      ...(cursor === undefined ? {} : { cursor })
    });
    await ended;
    return { keys, cursor: read.cursor, isComplete: read.complete };
  }
}
