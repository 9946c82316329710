import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { LabError } from '../../protocol/index.js';

const port = z.number().int().min(0).max(65535);
const schema = z.object({
  transport: z.enum(['tcp', 'ipc']).default('tcp'),
  ip: z.string(),
  shell_port: port,
  iopub_port: port,
  stdin_port: port,
  control_port: port,
  hb_port: port,
  signature_scheme: z.literal('hmac-sha256').default('hmac-sha256'),
  /** Empty: messages are not signed. */
  key: z.string().default('')
});

/** Where a front end expects the sockets of the kernel that it starts. */
export type ConnectionFile = z.infer<typeof schema>;

/**
 * Reads the file that a front end names on the command line.
 *
 * @throws LabError BPFLAB_CONFIG_OPTION
 * @see https://jupyter-client.readthedocs.io/en/stable/kernels.html#connection-files
 */
export async function readConnectionFile(path: string): Promise<ConnectionFile> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? (cause.issues[0]?.message ?? '') : (cause as Error).message;
    throw new LabError('BPFLAB_CONFIG_OPTION', `The connection file "${path}" cannot be used — ${reason}.`, { cause });
  }
}
