import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JupyterMessage } from '../../core/kernel/jupyter-message.js';
import { decodeFrames, encodeFrames } from './signed-frames.js';

const message = (content: Record<string, unknown>, buffers: Uint8Array[] = []): JupyterMessage => ({
  channel: 'shell',
  header: { msg_id: 'm', msg_type: 'execute_request', session: 's', username: 'u', date: 'd', version: '5.4' },
  parent_header: {},
  metadata: { cellId: 'c' },
  content,
  buffers
});

describe('messages over ZeroMQ', () => {
  it('are the same after the way, whatever is in them', () => {
    const bytes = fc.uint8Array({ maxLength: 20 });
    // The schema leaves out a key that would set an object's prototype.
    const name = fc.string().filter(text => text !== '__proto__');
    const json = fc.dictionary(name, fc.jsonValue() as fc.Arbitrary<unknown>);
    fc.assert(
      fc.property(json, fc.array(bytes), fc.array(bytes), fc.string(), (content, buffers, names, key) => {
        const sent = JSON.parse(JSON.stringify(message(content))) as JupyterMessage;
        const identities = names.map(name => Buffer.from([0, ...name]));
        const frames = encodeFrames({ ...sent, buffers }, identities, key);
        const received = decodeFrames(frames, 'shell', key);
        expect(received.message).toEqual({ ...sent, buffers });
        expect(received.identities).toEqual(identities);
      })
    );
  });

  it('are refused without the right signature, and when they are no messages', () => {
    const frames = encodeFrames(message({}), [], 'key');
    expect(() => decodeFrames(frames, 'shell', 'other')).toThrow('not signed');
    expect(() => decodeFrames(frames.with(1, Buffer.from('')), 'shell', 'key')).toThrow('not signed');
    expect(() => decodeFrames(frames.with(5, Buffer.from('{"code":"x"}')), 'shell', 'key')).toThrow('not signed');
    expect(() => decodeFrames(frames.slice(1), 'shell', 'key')).toThrow('no delimiter');
    expect(() => decodeFrames(frames.slice(0, 4), 'shell', 'key')).toThrow('too few frames');
  });
});
