import { z } from 'zod';

/** A 64-bit number as decimal text. */
export const u64 = z.string().regex(/^\d{1,20}$/);

/** Bytes as lower-case hex. */
export const hex = z.string().regex(/^([0-9a-f]{2})*$/);

/** Number of a stream. */
export const stream = z.number().int().positive();

/** Name of a run within its session. */
export const runId = z.string().regex(/^[a-z0-9-]{1,40}$/);
