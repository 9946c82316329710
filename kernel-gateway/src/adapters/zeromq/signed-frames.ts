/**
 * Wire format of Jupyter's messages over ZeroMQ:
 *
 * identity … | <IDS|MSG> | signature | header | parent_header | metadata | content | buffer …
 *
 * The signature is hex HMAC-SHA256 over the four JSON frames; it is empty when the key is.
 * @see https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Channel, JupyterMessage } from '../../core/kernel/jupyter-message.js';
import { checkMessage } from '../jupyter/kernels/check-message.js';

const DELIMITER = '<IDS|MSG>';
const JSON_FRAMES = 4;

/** Frames of a message to (or by) these identities; on iopub the identity is the topic. */
export function encodeFrames(message: JupyterMessage, identities: Uint8Array[], key: string): Uint8Array[] {
  const { header, parent_header, metadata, content, buffers } = message;
  const json = [header, parent_header, metadata, content].map(part => Buffer.from(JSON.stringify(part)));
  return [...identities, Buffer.from(DELIMITER), Buffer.from(sign(json, key)), ...json, ...buffers];
}

/**
 * The message in `frames` that came on `channel`, and who sent it.
 *
 * @throws Error with one sentence when it is none, or is not signed with `key`
 */
export function decodeFrames(
  frames: Uint8Array[],
  channel: Channel,
  key: string
): { identities: Uint8Array[]; message: JupyterMessage } {
  const delimiter = frames.findIndex(frame => Buffer.from(frame).equals(Buffer.from(DELIMITER)));
  if (delimiter < 0) throw new Error('The message has no delimiter.');
  const [signature, ...rest] = frames.slice(delimiter + 1);
  const json = rest.slice(0, JSON_FRAMES);
  if (!signature || json.length < JSON_FRAMES) throw new Error('The message has too few frames.');
  if (!isSame(signature, Buffer.from(sign(json, key))))
    throw new Error('The message is not signed with the key of this kernel.');
  const [header, parent_header, metadata, content] = json.map(
    frame => JSON.parse(Buffer.from(frame).toString()) as unknown
  );
  // Frames belong to the socket's memory only until the next one comes.
  const buffers = rest.slice(JSON_FRAMES).map(frame => Uint8Array.from(frame));
  const message = checkMessage({ channel, header, parent_header, metadata, content, buffers });
  return { identities: frames.slice(0, delimiter), message };
}

function sign(json: Uint8Array[], key: string): string {
  if (key === '') return '';
  const hmac = createHmac('sha256', key);
  for (const frame of json) hmac.update(frame);
  return hmac.digest('hex');
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.byteLength === b.byteLength && timingSafeEqual(a, b);
