import { duplexPair, type Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { QmpClient } from './qmp-client.js';

/** QEMU's side of the wire: answers each command by `answer`, and says what `events` holds first. */
function qemu(side: Duplex, answer: (command: { execute: string; id: number }) => object[]): void {
  side.setEncoding('utf8');
  side.write('{"QMP": {"version": {}, "capabilities": ["oob"]}}\r\n');
  let rest = '';
  side.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      for (const said of answer(JSON.parse(line) as { execute: string; id: number })) {
        const bytes = `${JSON.stringify(said)}\r\n`;
        // Cut in the middle, as a socket may.
        side.write(bytes.slice(0, 5));
        side.write(bytes.slice(5));
      }
    }
  });
}

describe('QmpClient', () => {
  it('gives each command its own answer, and refusals in the words of QEMU', async () => {
    const [ours, theirs] = duplexPair();
    qemu(theirs, ({ execute, id }) =>
      execute === 'cont'
        ? [{ error: { class: 'GenericError', desc: 'no machine' }, id }]
        : [{ return: { execute }, id }]
    );
    const client = new QmpClient(ours);
    const [status, refusal] = await Promise.allSettled([client.execute('query-status'), client.execute('cont')]);
    expect(status).toEqual({ status: 'fulfilled', value: { execute: 'query-status' } });
    expect(refusal).toMatchObject({ status: 'rejected', reason: { message: 'QEMU refuses: no machine.' } });
  });

  it('hands an event to the one who waits for it', async () => {
    const [ours, theirs] = duplexPair();
    qemu(theirs, ({ execute, id }) =>
      execute === 'migrate-incoming'
        ? [
            { event: 'MIGRATION', data: { status: 'active' }, timestamp: {} },
            { return: {}, id },
            { event: 'MIGRATION', data: { status: 'completed' }, timestamp: {} }
          ]
        : [{ return: {}, id }]
    );
    const client = new QmpClient(ours);
    const completed = client.next(({ event, data }) => event === 'MIGRATION' && data['status'] === 'completed');
    await client.execute('migrate-incoming');
    await expect(completed).resolves.toEqual({ event: 'MIGRATION', data: { status: 'completed' } });
  });

  it('rejects what is under way, and what comes later, when QEMU ends', async () => {
    const [ours, theirs] = duplexPair();
    qemu(theirs, ({ execute, id }) => (execute === 'quit' ? [] : [{ return: {}, id }]));
    const client = new QmpClient(ours);
    const quit = client.execute('quit');
    const event = client.next(() => true);
    theirs.destroy();
    ours.destroy();
    await expect(quit).rejects.toMatchObject({ code: 'BPFLAB_TARGET_LOST' });
    await expect(event).rejects.toMatchObject({ code: 'BPFLAB_TARGET_LOST' });
    await expect(client.execute('cont')).rejects.toMatchObject({ code: 'BPFLAB_TARGET_LOST' });
  });
});
