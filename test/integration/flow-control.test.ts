/** Readers that stall: nothing hangs, and every record is either there or counted. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readInstalled } from '../../kernel-gateway/src/adapters/install/installed.js';
import { createHostTarget } from '../../kernel-gateway/src/adapters/host/host-target.js';
import { INITIAL_CREDIT_BYTES } from '../../kernel-gateway/src/protocol/index.js';
import { loadProgram } from '../bench/loaded-program.mjs';
import { requires } from '../requires.js';
import { connectTo, shell } from './vm-session.js';

const WANTED = 2_000_000;
/** Longer than the agent waits before it makes room in a full ring. */
const STALL_MS = 700;
const HEADER_BYTES = 24;
const RECORD_BYTES = 40;

/** Does nothing for so long, and lets nothing else be done: a gateway whose event loop is blocked. */
const stall = (ms: number): unknown => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

requires('vm', 'bpf')('flow control', () => {
  it('accounts for every record of a ring when the reader stalls again and again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bpflab-flow-'));
    const bench = { installed: readInstalled(), folder, rounds: 1, quick: true };
    const program = await loadProgram(bench, {
      ...{ target: 'host', name: 'ring' },
      edit: (source: string) => source.replace('wanted = 20000000', `wanted = ${WANTED}`)
    });
    try {
      const { connection } = program;
      const stream = connection.newStream();
      let records = 0;
      let lost = 0;
      let next = 0;
      let stalls = 0;
      const done = new Promise<void>(resolve => {
        connection.onStream(stream, {
          data: payload => {
            const header = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
            const count = (payload.length - HEADER_BYTES) / RECORD_BYTES;
            expect(Number(header.getBigUint64(0, true))).toBe(next);
            next += count;
            records += count;
            lost = Number(header.getBigUint64(8, true));
            if (stalls < 4 && records > (stalls + 1) * 50_000) {
              stalls++;
              stall(STALL_MS);
            }
            if (records + lost >= WANTED) resolve();
          },
          end: resolve
        });
      });
      await connection.request('subscribe', { run: program.run, stream, source: 'ring', map: 'records' });
      await program.attach();
      await program.callGetsid();
      await done;
      expect(stalls).toBe(4);
      expect(records + lost).toBe(WANTED);
    } finally {
      await program.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('credits what comes for a stream that has ended, so that its sender does not wait for ever', async () => {
    const connection = await connectTo(createHostTarget({ agentPath: readInstalled().agent.path }), 'flow-test');
    try {
      const stream = connection.newStream();
      await connection.sendData(stream, new Uint8Array(4 * INITIAL_CREDIT_BYTES));
      connection.sendEnd(stream);
      expect((await shell(connection, 'echo after')).stdout).toBe('after\n');
    } finally {
      await connection.close();
    }
  });
});
