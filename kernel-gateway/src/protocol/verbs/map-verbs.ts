import { z } from 'zod';
import { hex, stream } from './scalars.js';

/** Verbs of maps, by their kernel ids. */
export const mapRequests = [
  /**
   * Map entries as a record stream, END after the last. record = key bytes | value bytes (per-CPU: possible CPUs × value
   * rounded up to 8), no padding between. `map_id` is a kernel id.
   */
  z.object({
    id: z.number().int(),
    verb: z.literal('map_read'),
    map_id: z.number().int(),
    stream,
    cursor: hex.optional(),
    limit: z.number().int().positive().optional()
  }),
  /**
   * One entry. Keys of local storages (4 bytes, in all verbs) are what their owners are known by: id of a thread, inode
   * number of a socket, id of a cgroup. `path` instead of `key` names the file of an inode storage, or a cgroup below the
   * cgroup2 mount.
   */
  z.object({
    id: z.number().int(),
    verb: z.literal('map_lookup'),
    map_id: z.number().int(),
    key: hex.optional(),
    path: z.string().optional()
  }),
  z.object({
    id: z.number().int(),
    verb: z.literal('map_update'),
    map_id: z.number().int(),
    /** With `offset` only that part of an existing value is written: of globals in place, without touching what is beside it. */
    entries: z.array(z.object({ key: hex, value: hex, offset: z.number().int().nonnegative().optional() })),
    flags: z.number().int().default(0)
  }),
  z.object({ id: z.number().int(), verb: z.literal('map_delete'), map_id: z.number().int(), keys: z.array(hex) }),
  /** Queue and stack: push a value, pop or peek one. */
  z.object({
    id: z.number().int(),
    verb: z.literal('map_pop'),
    map_id: z.number().int(),
    peek: z.boolean().default(false)
  }),
  /** One sample into a BPF_MAP_TYPE_USER_RINGBUF. */
  z.object({
    id: z.number().int(),
    verb: z.literal('user_ring_submit'),
    map_id: z.number().int(),
    records: z.array(hex)
  })
] as const;

/** What those verbs answer; one that is not here answers `{}`. */
export const mapResults = {
  map_read: z.object({ entries: z.number().int(), cursor: hex, complete: z.boolean() }),
  map_lookup: z.object({ found: z.boolean(), value: hex }),
  map_update: z.object({ updated: z.number().int() }),
  map_delete: z.object({ deleted: z.number().int() }),
  map_pop: z.object({ found: z.boolean(), value: hex })
} as const;
