import { z } from 'zod';
import { parseJson } from '../../../core/decode/parse-json.js';
import type { FollowedNotebook } from '../../../protocol/index.js';

const schema = z.object({
  type: z.literal('notebook'),
  cells: z
    .array(z.object({ id: z.string(), type: z.enum(['code', 'markdown', 'raw']), source: z.string() }))
    .max(10_000),
  active: z.string()
});

/** The notebook in a message of the follow socket (protocol/follow.ts); null when it is none. */
export function followedNotebook(text: string): FollowedNotebook | null {
  const read = schema.safeParse(parseJson(text));
  return read.success ? read.data : null;
}
