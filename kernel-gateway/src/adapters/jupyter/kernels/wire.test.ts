import fc from 'fast-check';
import { deserialize, serialize } from '@jupyterlab/services/lib/kernel/serialize.js';
import type { KernelMessage } from '@jupyterlab/services';
import { describe, expect, it } from 'vitest';
import type { JupyterMessage } from '../../../core/kernel/jupyter-message.js';
import { decodeJson, encodeJson } from './wire-json.js';
import { decodeV1, encodeV1, WIRE_V1 } from './wire-v1.js';

// A "__proto__" key is dropped on the way in: no message has a use for it.
const key = fc.string().filter(text => text !== '__proto__');
const jsonObject = fc.dictionary(key, fc.jsonValue()).map(value => JSON.parse(JSON.stringify(value)) as object);
const header = fc.record({
  msg_id: fc.string(),
  session: fc.string(),
  username: fc.string(),
  date: fc.string(),
  msg_type: fc.string(),
  version: fc.string()
});
const message = fc.record({
  channel: fc.constantFrom('shell', 'control', 'iopub', 'stdin'),
  header,
  parent_header: fc.oneof(fc.constant({}), header),
  metadata: jsonObject,
  content: jsonObject,
  buffers: fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 })
}) as fc.Arbitrary<JupyterMessage>;

const toArrayBuffer = (bytes: Uint8Array): ArrayBuffer => bytes.slice().buffer;
const withBuffers = (parsed: KernelMessage.IMessage): JupyterMessage =>
  ({
    ...parsed,
    buffers: (parsed.buffers ?? []).map(view => new Uint8Array((view as DataView).buffer))
  }) as unknown as JupyterMessage;
const forClient = (value: JupyterMessage): KernelMessage.IMessage =>
  ({ ...value, buffers: value.buffers.map(toArrayBuffer) }) as unknown as KernelMessage.IMessage;

describe('the binary wire format', () => {
  it('comes back as it was', () => {
    fc.assert(fc.property(message, value => void expect(decodeV1(encodeV1(value))).toEqual(value)));
  });

  it('is read by the JupyterLab client, and its bytes by us', () => {
    fc.assert(
      fc.property(message, value => {
        expect(withBuffers(deserialize(toArrayBuffer(encodeV1(value)), WIRE_V1))).toEqual(value);
        expect(decodeV1(new Uint8Array(serialize(forClient(value), WIRE_V1) as ArrayBuffer))).toEqual(value);
      })
    );
  });

  it('refuses any other bytes with an error and nothing worse', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        expect(() => decodeV1(bytes)).toThrow(Error);
      })
    );
  });

  it('refuses a message with damaged offsets, or reads another message', () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.integer({ min: 0, max: 255 }), (value, at, byte) => {
        const bytes = encodeV1(value);
        bytes[at % (8 * (7 + value.buffers.length))] = byte;
        try {
          decodeV1(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          expect(error).not.toBeInstanceOf(RangeError);
        }
      })
    );
  });
});

describe('the JSON wire format', () => {
  it('comes back as it was, with and without buffers', () => {
    fc.assert(fc.property(message, value => void expect(decodeJson(encodeJson(value))).toEqual(value)));
  });

  it('is read by the JupyterLab client, and its bytes by us', () => {
    fc.assert(
      fc.property(message, value => {
        const encoded = encodeJson(value);
        const data = typeof encoded === 'string' ? encoded : toArrayBuffer(encoded);
        const { header: head, ...rest } = withBuffers(deserialize(data as ArrayBuffer, ''));
        expect({ ...rest, header: head }).toMatchObject(value);
        const back = serialize(forClient(value), '');
        expect(decodeJson(typeof back === 'string' ? back : new Uint8Array(back))).toEqual(value);
      })
    );
  });

  it('refuses any other bytes or text with an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => void expect(() => decodeJson(bytes)).toThrow(Error))
    );
    fc.assert(fc.property(fc.json(), text => void expect(() => decodeJson(text)).toThrow(Error)));
  });
});
