import { createHash } from 'node:crypto';

/** SHA-256, hex. */
export const hashText = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');
