/** Recorded sessions of the real agent: the same bytes that the agent's own tests replay. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeFrame } from '../../core/agent/encode-frame.js';
import { FrameDecoder } from '../../core/agent/frame-decoder.js';
import {
  AGENT_PROTOCOL_VERSION,
  agentEventSchema,
  agentHelloSchema,
  CPU_UNKNOWN,
  DATA_HEADER_BYTES,
  errorTable,
  FRAME_HEADER_BYTES,
  FrameKind,
  INITIAL_CREDIT_BYTES,
  MAX_PAYLOAD_BYTES,
  RECORD_HEADER_BYTES,
  replySchema,
  requestSchema,
  resultSchemas,
  type Frame
} from '../../protocol/index.js';

const folder = new URL('../../../../test/fixtures/agent/', import.meta.url);
const source = (name: string): string =>
  readFileSync(new URL(`../../../../bpf/agent/${name}`, import.meta.url), 'utf8');

interface Transcript {
  frames: ['gateway' | 'agent', string][];
}

const names = readdirSync(folder).filter(name => name.endsWith('.json'));
const transcripts = names.map(
  name => [name, JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Transcript] as const
);

function decode(bytes: Uint8Array): Frame[] {
  const frames: Frame[] = [];
  new FrameDecoder().push(bytes, frame => frames.push({ ...frame, payload: frame.payload.slice() }));
  return frames;
}

const json = (frame: Frame): unknown => JSON.parse(new TextDecoder().decode(frame.payload));

describe.each(transcripts)('recorded session %s', (_name, { frames }) => {
  const decoded = frames.flatMap(([from, hex]) => decode(Buffer.from(hex, 'hex')).map(frame => ({ from, frame })));
  const verbs = new Map<number, string>();

  it('decodes to one frame each, which encodes to the same bytes', () => {
    expect(decoded).toHaveLength(frames.length);
    expect(decoded.map(({ frame }) => Buffer.from(encodeFrame(frame)).toString('hex'))).toEqual(
      frames.map(([, hex]) => hex)
    );
  });

  it('has hellos, requests, replies and events of the agreed shapes', () => {
    for (const { from, frame } of decoded) {
      if (frame.kind === FrameKind.hello && from === 'agent') agentHelloSchema.strict().parse(json(frame));
      if (frame.kind === FrameKind.event) agentEventSchema.parse(json(frame));
      if (frame.kind === FrameKind.request) {
        const request = requestSchema.safeParse(json(frame));
        if (request.success) verbs.set(request.data.id, request.data.verb);
      }
      if (frame.kind !== FrameKind.reply) continue;
      const reply = replySchema.parse(json(frame));
      if (!reply.ok) {
        expect(Object.keys(errorTable)).toContain(reply.error.code);
        continue;
      }
      const verb = verbs.get(reply.id) ?? '';
      if (verb in resultSchemas) resultSchemas[verb as keyof typeof resultSchemas].parse(reply.result);
    }
  });
});

describe('the numbers of proto.h', () => {
  const text = source('proto.h');
  const constant = (name: string): number => {
    const [, value = ''] = new RegExp(`#define ${name} (.+)`).exec(text) ?? [];
    return value
      .replace(/[()u]/g, '')
      .split('*')
      .map(Number)
      .reduce((product, factor) => product * factor, 1);
  };

  it.each([
    ['AGENT_PROTOCOL_VERSION', AGENT_PROTOCOL_VERSION],
    ['FRAME_HEADER_BYTES', FRAME_HEADER_BYTES],
    ['MAX_PAYLOAD_BYTES', MAX_PAYLOAD_BYTES],
    ['INITIAL_CREDIT_BYTES', INITIAL_CREDIT_BYTES],
    ['DATA_HEADER_BYTES', DATA_HEADER_BYTES],
    ['RECORD_HEADER_BYTES', RECORD_HEADER_BYTES],
    ['CPU_UNKNOWN', CPU_UNKNOWN]
  ])('%s is that of the protocol', (name, value) => {
    expect(constant(name)).toBe(value);
  });

  it.each(Object.entries(FrameKind))('kind %s is that of the protocol', (name, value) => {
    expect(text).toContain(`FRAME_${name.toUpperCase()} = ${value},`);
  });
});

it('every code of errors.h has a row in the error table', () => {
  const codes = [...source('errors.h').matchAll(/"(BPFLAB_[A-Z_]+)"/g)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(10);
  expect(Object.keys(errorTable)).toEqual(expect.arrayContaining(codes));
});
