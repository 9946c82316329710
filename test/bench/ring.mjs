/** Records of 32 bytes through a ring buffer into the store, every field of every record read and summed. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createRecordStore } from '../../kernel-gateway/lib/core/store/record-store.js';
import { inLabImage, runWords, startScript } from './in-lab-image.mjs';
import { loadProgram } from './loaded-program.mjs';
import { qemuCpuSeconds } from './process-memory.mjs';

const FIELDS = ['number', 'square', 'low', 'sign', 'mixed'];
const WINDOW_ROWS = 2000;
const CLOCK_TICKS_PER_S = 100;
/** A record of 32 bytes with its header, its share of a payload's, and chunks that are not quite full. */
const ROW_ROOM_BYTES = 48;

/**
 * Two figures of the host target: of the reception into the store, whose fields are read and added up when the clock has
 * stopped; and with that inside the clock too. The C program takes the records and prints them to a file.
 *
 * @param {import('./bench.mjs').Bench} bench
 */
export async function benchRing(bench) {
  const count = bench.quick ? 2_000_000 : 20_000_000;
  const host = await receive(bench, { target: 'host', count, decodes: true });
  const byHand = await printToFile(bench, count);
  const received = await receive(bench, { target: 'host', count, decodes: false });
  const vm = await receive(bench, { target: 'vm', count: bench.quick ? 500_000 : 3_000_000, decodes: true });
  const perMillion = (/** @type {number} */ seconds, /** @type {number} */ count) =>
    `${(seconds / (count / 1e6)).toFixed(2)} CPU s/M`;
  const ours = (/** @type {Received} */ one) => `${rateText(one.perSecond)}, ${perMillion(one.cpuSeconds, one.count)}`;
  const hand = `${rateText(byHand.perSecond)}, ${perMillion(byHand.cpuSeconds, byHand.count)} (C, prints to a file)`;
  const against = (/** @type {Received} */ one) => (one.perSecond / byHand.perSecond).toFixed(2);
  return [
    {
      what: `ring, host, ${received.count / 1e6} M records into the store, fields read and added up after the clock`,
      ours: ours(received),
      byHand: hand,
      ratio: against(received),
      bar: '≥ 1.00 M/s, ahead of C',
      met: received.perSecond >= 1e6 && received.perSecond > byHand.perSecond,
      figures: { ours: received, by_hand: byHand }
    },
    {
      what: 'the same, all fields read and added up inside the clock',
      ours: ours(host),
      byHand: hand,
      ratio: against(host),
      bar: '',
      met: null,
      figures: { ours: host }
    },
    {
      what: `ring, VM, ${vm.count / 1e6} M records, all fields inside the clock`,
      ours: ours(vm),
      byHand: '',
      ratio: '',
      bar: '≥ 0.30 M/s',
      met: vm.perSecond >= 3e5,
      figures: { ours: vm }
    }
  ];
}

/** @typedef {Awaited<ReturnType<typeof receive>>} Received */

const rateText = (/** @type {number} */ perSecond) => `${(perSecond / 1e6).toFixed(2)} M/s`;

/**
 * @param {import('./bench.mjs').Bench} bench
 * @param {{ target: 'vm' | 'host', count: number, decodes: boolean }} what - decodes: as the records come
 */
async function receive(bench, { target, count, decodes }) {
  const program = await loadProgram(bench, {
    target,
    name: 'ring',
    edit: source => source.replace('wanted = 20000000', `wanted = ${count}`)
  });
  const { connection, object } = program;
  const map = object.maps.find(one => one.name === 'records');
  const type = map?.records[0]?.type ?? 0;
  // All of them stay, in memory, so that each can be read afterwards.
  const limits = { maxRows: count, maxBytes: count * ROW_ROOM_BYTES, memoryBytes: count * ROW_ROOM_BYTES };
  const store = createRecordStore({ types: object.types, type, source: 'ring', limits });
  const stream = connection.newStream();
  const sums = new Sums(store);
  let startedAt = 0;
  const finished = new Promise(resolve => {
    connection.onStream(stream, {
      data: payload => {
        if (startedAt === 0) startedAt = performance.now();
        store.append(payload);
        if (decodes) sums.add(WINDOW_ROWS);
        // Records that the agent dropped, because this process stalled, never come: waiting for them would have no end.
        if (store.totalRows + BigInt(store.losses.agent) >= BigInt(count)) resolve(undefined);
      },
      end: () => {}
    });
  });
  await connection.request('subscribe', { run: program.run, stream, source: 'ring', map: 'records' });
  await program.attach();
  const cpuBefore = process.cpuUsage();
  const targetBefore = targetCpuSeconds(target, connection.hello.worker_pid);
  await program.callGetsid();
  await finished;
  if (decodes) sums.add(1);
  const seconds = (performance.now() - startedAt) / 1000;
  const used = process.cpuUsage(cpuBefore);
  const targetCpu = targetCpuSeconds(target, connection.hello.worker_pid) - targetBefore;
  const { found, value } = await connection.request('map_lookup', { map_id: program.mapId('totals'), key: '00000000' });
  await program.close();
  const decodedAt = performance.now();
  sums.add(1);
  const decodeSeconds = (performance.now() - decodedAt) / 1000;
  if (!found || sums.hex !== value) throw new Error(`the sums differ: ${sums.hex}, ${value}`);
  const gatewayCpu = (used.user + used.system) / 1e6;
  return {
    count,
    perSecond: count / seconds,
    cpuSeconds: gatewayCpu + targetCpu,
    gatewayCpuSeconds: gatewayCpu,
    targetCpuSeconds: targetCpu,
    decodeSeconds,
    losses: store.losses
  };
}

/**
 * The agent's worker on the host; all of QEMU for a virtual machine.
 *
 * @param {'vm' | 'host'} target
 * @param {number} workerPid
 */
function targetCpuSeconds(target, workerPid) {
  if (target === 'vm') return qemuCpuSeconds();
  const stat = readFileSync(`/proc/${workerPid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_S;
}

/** Adds up the fields of all rows of a store, modulo 2^64, as the producer does, by windows as a viewer gets them. */
class Sums {
  #store;
  #rows = 0;
  #sums = FIELDS.map(() => 0n);

  /** @param {import('../../kernel-gateway/lib/core/store/record-store.js').RecordStore} store */
  constructor(store) {
    this.#store = store;
  }

  /**
   * The rows that have come since the last call, as soon as there are so many.
   *
   * @param {number} least
   */
  add(least) {
    const total = Number(this.#store.totalRows);
    while (total - this.#rows >= least) {
      const { message, buffers } = this.#store.window({
        ...{ type: 'window', first: this.#rows, count: WINDOW_ROWS, follow: false, filters: [], paused: false },
        columns: FIELDS
      });
      this.#sums = this.#sums.map((sum, at) => sum + sumOf(buffers[at] ?? new Uint8Array(0)));
      this.#rows += message.count;
    }
  }

  /** Five u64, little-endian. */
  get hex() {
    const { agent, evicted } = this.#store.losses;
    if (agent !== '0' || evicted !== '0') throw new Error(`${agent} records were dropped, ${evicted} rows evicted`);
    const bytes = Buffer.alloc(FIELDS.length * 8);
    this.#sums.forEach((sum, at) => bytes.writeBigUInt64LE(BigInt.asUintN(64, sum), at * 8));
    return bytes.toString('hex');
  }
}

/**
 * Sum of little-endian 64-bit numbers, by halves: 2000 of 32 bits stay exact in a double.
 *
 * @param {Uint8Array} buffer
 */
function sumOf(buffer) {
  const halves = new Uint32Array(buffer.buffer, buffer.byteOffset, buffer.byteLength / 4);
  let low = 0;
  let high = 0;
  for (let at = 0; at < halves.length; at += 2) {
    low += halves[at] ?? 0;
    high += halves[at + 1] ?? 0;
  }
  return (BigInt(high) << 32n) + BigInt(low);
}

/** @param {import('./bench.mjs').Bench} bench @param {number} count */
async function printToFile(bench, count) {
  const folder = path.join(bench.folder, 'ring');
  mkdirSync(folder);
  cpSync(path.join(import.meta.dirname, 'programs'), folder, { recursive: true });
  writeFileSync(path.join(folder, 'calls.sh'), "exec perl -e 'syscall(124, 0) while 1'\n");
  const image = inLabImage(bench.installed, folder);
  const words = [...image, '/bin/bash', '-c'];
  await runWords([
    ...words,
    'bpftool btf dump file /sys/kernel/btf/vmlinux format c > vmlinux.h && ' +
      'clang -g -O2 -target bpf -mcpu=v3 -D__TARGET_ARCH_x86 -I. -c ring.bpf.c -o ring.bpf.o && ' +
      'bpftool gen skeleton ring.bpf.o > ring.skel.h && cc -g -O2 -Wall -I. ring.c -o ring -l:libbpf.a -lelf -lz'
  ]);
  const calls = startScript(image, 'calls.sh', { terminal: false });
  try {
    const { stdout } = await runWords([...words, `./ring /mnt/records.txt ${count}`]);
    const [cpuSeconds = 0, perSecond = 0] = stdout.split(' ').map(Number);
    return { count, cpuSeconds, perSecond };
  } finally {
    await calls.kill();
  }
}
