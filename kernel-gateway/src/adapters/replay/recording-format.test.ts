import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LabError } from '../../protocol/index.js';
import { RecordingFile } from './recording-file.js';
import { encodeHeader, encodeRecord, RecordSide, type RecordedBytes } from './recording-format.js';
import { ReplayPlayer } from './replay-player.js';
import { readScript } from './replay-script.js';

const header = { target: 'vm', first_run: 1, recorded_at: '2026-01-02T03:04:05.000Z' };
const record: fc.Arbitrary<RecordedBytes> = fc.record({
  side: fc.constantFrom(0, 1, 2, 3, 4),
  channel: fc.nat(255),
  timeUs: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  bytes: fc.uint8Array({ maxLength: 200 })
});
const fileOf = (records: RecordedBytes[]): Buffer =>
  Buffer.concat([encodeHeader(header), ...records.map(encodeRecord)]);

describe('a recording file', () => {
  let folder = '';
  beforeAll(() => (folder = mkdtempSync(path.join(tmpdir(), 'recording-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** The records that a cursor finds in these bytes. */
  function read(bytes: Uint8Array): { header: unknown; records: RecordedBytes[] } {
    const name = path.join(folder, 'file');
    writeFileSync(name, bytes);
    const file = new RecordingFile(name);
    try {
      const cursor = file.cursor();
      const records: RecordedBytes[] = [];
      for (let next = cursor.next(); next !== null; next = cursor.next()) {
        expect(file.recordAt(next.offset)?.timeUs).toBe(next.timeUs);
        const { side, channel, timeUs, bytes: own } = next;
        records.push({ side, channel, timeUs, bytes: new Uint8Array(own) });
      }
      return { header: file.header, records };
    } finally {
      file.close();
    }
  }

  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(fc.array(record), records => {
        expect(read(fileOf(records))).toEqual({ header, records });
      }),
      { numRuns: 50 }
    );
  });

  it('keeps the whole records of a file that was cut', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1 }), fc.nat(), (records, cut) => {
        const last = encodeRecord(records.at(-1) as RecordedBytes);
        const whole = fileOf(records);
        const decoded = read(whole.subarray(0, whole.length - 1 - (cut % (last.length - 1))));
        expect(decoded.records).toHaveLength(records.length - 1);
      }),
      { numRuns: 50 }
    );
  });

  it('is refused with a LabError when it is anything else, or of another version', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), bytes => {
        expect(() => read(bytes)).toThrow(LabError);
      }),
      { numRuns: 50 }
    );
    const newer = fileOf([]);
    newer.writeUInt32LE(3, 8);
    expect(() => read(newer)).toThrow(/it has version 3/);
  });

  it('with damaged records is refused with a LabError, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1 }), async records => {
        const name = path.join(folder, 'damaged');
        writeFileSync(name, fileOf(records));
        const file = new RecordingFile(name);
        const found = await readScript(file).catch((error: unknown) => error);
        file.close();
        if (found instanceof Error) expect(found).toMatchObject({ code: 'BPFLAB_TARGET_START' });
        await expect(ReplayPlayer.open(name)).rejects.toMatchObject({ code: 'BPFLAB_TARGET_START' });
      }),
      { numRuns: 50 }
    );
  });

  it('of 400 MB is planned in memory that does not grow with it', { timeout: 60_000 }, async () => {
    const name = path.join(folder, 'large');
    const data = Buffer.alloc(256 * 1024);
    data.writeUInt32LE(data.length - 4, 0);
    data.writeUInt8(5, 4);
    const frame = encodeRecord({ side: RecordSide.agent, channel: 0, timeUs: 9n, bytes: data });
    const opened = Buffer.from(JSON.stringify({ target: 'vm', session: 's' }));
    writeFileSync(
      name,
      Buffer.concat([
        encodeHeader(header),
        encodeRecord({ side: RecordSide.opened, channel: 0, timeUs: 0n, bytes: opened })
      ])
    );
    for (let count = 0; count < 1600; count++) writeFileSync(name, frame, { flag: 'a' });
    const file = new RecordingFile(name);
    let most = 0;
    const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers)), 1);
    const before = process.memoryUsage().arrayBuffers;
    const script = await readScript(file);
    clearInterval(timer);
    file.close();
    expect(script.durationUs).toBe(9);
    expect(most - before).toBeLessThan(16 * 1024 * 1024);
  });
});
