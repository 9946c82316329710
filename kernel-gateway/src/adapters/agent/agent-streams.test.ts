import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INITIAL_CREDIT_BYTES, MAX_PAYLOAD_BYTES } from '../../protocol/index.js';
import { AgentStreams } from './agent-streams.js';

const STREAM = 3;

describe('credit of what comes in', () => {
  it('never runs out for a sender whose payloads have all been taken, whatever their sizes', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: MAX_PAYLOAD_BYTES }), { maxLength: 60 });
    fc.assert(
      fc.property(sizes, fc.boolean(), (wanted, isSubscribed) => {
        let credit = INITIAL_CREDIT_BYTES;
        const streams = new AgentStreams((stream, bytes) => {
          expect(stream).toBe(STREAM);
          credit += bytes;
        });
        let taken = 0;
        streams.listen(STREAM, { data: payload => (taken += payload.length), end: () => undefined });
        if (isSubscribed) streams.widen(STREAM);
        let sent = 0;
        for (const size of wanted) {
          // Nothing is under way: the largest payload there is must fit, but for the first of a stream that is no subscription.
          const room = sent === 0 && !isSubscribed ? INITIAL_CREDIT_BYTES : MAX_PAYLOAD_BYTES;
          expect(credit).toBeGreaterThanOrEqual(room);
          const payload = new Uint8Array(Math.min(size, credit));
          credit -= payload.length;
          sent += payload.length;
          streams.receive(STREAM, payload);
        }
        expect(taken).toBe(sent);
      }),
      { numRuns: 100 }
    );
  });

  it('goes back at once for a stream that nobody listens to', () => {
    const credits: number[] = [];
    const streams = new AgentStreams((_stream, bytes) => credits.push(bytes));
    streams.receive(STREAM, new Uint8Array(10));
    expect(credits).toEqual([10]);
  });
});

describe('credit of what goes out', () => {
  const streams = (): AgentStreams => new AgentStreams(() => undefined);

  it('is waited for, and given to all who wait', async () => {
    const made = streams();
    expect(await made.takeCredit(STREAM, 2 * INITIAL_CREDIT_BYTES)).toBe(INITIAL_CREDIT_BYTES);
    const waiting = Promise.all([made.takeCredit(STREAM, 5), made.takeCredit(STREAM, 5)]);
    made.receiveCredit(STREAM, 3);
    made.receiveCredit(STREAM, 4);
    expect((await waiting).reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(7);
  });

  it('is refused to who waits when the stream or the channel ends', async () => {
    for (const end of [(made: AgentStreams) => made.closeOutbound(STREAM), (made: AgentStreams) => made.lose()]) {
      const made = streams();
      await made.takeCredit(STREAM, INITIAL_CREDIT_BYTES);
      const waiting = made.takeCredit(STREAM, 1);
      end(made);
      await expect(waiting).rejects.toMatchObject({ code: 'BPFLAB_TARGET_LOST' });
    }
  });
});
