import { expect, it } from 'vitest';
import type { ConnectedNodes } from '../../core/nodes/connected-nodes.js';
import { recordPayload } from '../../core/store/record-payload.js';
import { MergedStream } from './merged-stream.js';

const nodes: Pick<ConnectedNodes, 'names' | 'timeOffsetNs' | 'lagMs'> = {
  names: ['quick', 'slow'],
  timeOffsetNs: () => 0n,
  lagMs: () => 0
};
const payload = (seq: number, timeMs: number): Uint8Array =>
  recordPayload({ seq, lost: 0n, monoNs: BigInt(timeMs) * 1_000_000n }, [new Uint8Array(4)]);

it('goes on without a slow node, loses nothing of it, and names it once', async () => {
  const delivered: number[] = [];
  const late: string[] = [];
  let goOn = (): void => undefined;
  const quickIsShown = new Promise<void>(resolve => (goOn = resolve));
  const merge = new MergedStream(nodes as ConnectedNodes, {
    deliver: (_, node) => {
      delivered.push(node);
      goOn();
    },
    late: node => late.push(node)
  });
  merge.take(payload(0, 5000), 0);
  await quickIsShown;
  // Within what nobody notices.
  merge.take(payload(0, 4950), 1);
  expect(late).toEqual([]);
  merge.take(payload(1, 4951), 1);
  merge.take(payload(1, 9000), 0);
  merge.end();
  const behind = new MergedStream(nodes as ConnectedNodes, { deliver: () => goOn(), late: node => late.push(node) });
  const isShown = new Promise<void>(resolve => (goOn = resolve));
  behind.take(payload(0, 5000), 0);
  await isShown;
  behind.take(payload(0, 1000), 1);
  behind.take(payload(1, 1500), 1);
  behind.end();
  expect([delivered, late]).toEqual([[0, 1, 1, 0], ['slow']]);
});
