import { z } from 'zod';
import type { JupyterMessage, MessageHeader } from '../../../core/kernel/jupyter-message.js';

const objectSchema = z.record(z.string(), z.unknown());
const messageSchema = z.object({
  channel: z.enum(['shell', 'control', 'iopub', 'stdin']).default('shell'),
  header: z.looseObject({
    msg_id: z.string(),
    msg_type: z.string(),
    session: z.string().default(''),
    username: z.string().default(''),
    date: z.string().default(''),
    version: z.string().default('5.0'),
    subshell_id: z.string().nullish()
  }),
  parent_header: objectSchema.nullish(),
  metadata: objectSchema.nullish(),
  content: objectSchema.nullish(),
  buffers: z.array(z.instanceof(Uint8Array))
});

/**
 * A decoded value as a message, what clients leave out filled in.
 *
 * @throws Error with one sentence when it is none
 */
export function checkMessage(value: unknown): JupyterMessage {
  const { data, error } = messageSchema.safeParse(value);
  if (error) throw new Error(`The message is malformed at "${error.issues[0]?.path.join('.') ?? ''}".`);
  return {
    channel: data.channel,
    header: data.header as MessageHeader,
    parent_header: (data.parent_header ?? {}) as JupyterMessage['parent_header'],
    metadata: data.metadata ?? {},
    content: data.content ?? {},
    buffers: data.buffers
  };
}
