import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LabError } from '../../protocol/index.js';
import { decodeRecording, encodeHeader, encodeRecord, type RecordedBytes } from './recording-format.js';

const header = { target: 'vm', session: 's1', recorded_at: '2026-01-02T03:04:05.000Z' };
const record: fc.Arbitrary<RecordedBytes> = fc.record({
  side: fc.constantFrom(0, 1, 2),
  timeUs: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  bytes: fc.uint8Array({ maxLength: 200 })
});
const fileOf = (records: RecordedBytes[]): Buffer =>
  Buffer.concat([encodeHeader(header), ...records.map(encodeRecord)]);

describe('decodeRecording', () => {
  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(fc.array(record), records => {
        const decoded = decodeRecording(fileOf(records));
        expect(decoded.header).toEqual(header);
        expect(decoded.records.map(one => ({ ...one, bytes: new Uint8Array(one.bytes) }))).toEqual(records);
      })
    );
  });

  it('keeps the whole records of a file that was cut', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1 }), fc.nat(), (records, cut) => {
        const last = encodeRecord(records.at(-1) as RecordedBytes);
        const whole = fileOf(records);
        const decoded = decodeRecording(whole.subarray(0, whole.length - 1 - (cut % (last.length - 1))));
        expect(decoded.records).toHaveLength(records.length - 1);
      })
    );
  });

  it('refuses any other bytes with a LabError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), bytes => {
        expect(() => decodeRecording(bytes)).toThrow(LabError);
      })
    );
    const newer = fileOf([]);
    newer.writeUInt32LE(2, 8);
    expect(() => decodeRecording(newer)).toThrow(/it has version 2/);
  });
});
