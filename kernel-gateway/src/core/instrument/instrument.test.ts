import { describe, expect, it } from 'vitest';
import { instrument, type InstrumentRequest } from './instrument.js';
import { scanCalls } from './scan-calls.js';

const request = (body: string, more: Partial<InstrumentRequest> = {}): InstrumentRequest => ({
  body,
  bodyLine: 1,
  pristine: false,
  convenience: true,
  included: [],
  ...more
});
const header = (body: string): string => instrument(request(body)).files[0]?.text ?? '';

describe('instrument', () => {
  it('keeps the text as it is, on the lines of the cell', () => {
    const { source } = instrument(request('#include "vmlinux.h"\nint x;', { bodyLine: 3 }));
    expect(source).toBe('\n\n#include "vmlinux.h"\nint x;\n');
  });

  it('includes the usual headers for a text that includes nothing, and says so', () => {
    const made = instrument(request('int x;'));
    expect(made.includes).toEqual(['vmlinux.h', 'bpf/bpf_helpers.h', 'bpf/bpf_tracing.h', 'bpf/bpf_core_read.h']);
    expect(made.added).toContain('#include <bpf/bpf_core_read.h>');
    expect(instrument(request('# include <linux/bpf.h>\n')).includes).toEqual([]);
    expect(instrument(request('int x;', { convenience: false })).includes).toEqual([]);
  });

  it('adds nothing to a pristine text', () => {
    expect(instrument(request('#include "a.h"\n', { pristine: true }))).toMatchObject({ files: [], added: '' });
  });

  it('counts losses per ring where the call names it, also in files of the session', () => {
    const { files } = instrument(
      request('#include "a.h"\nbpf_ringbuf_output(& second, &e, sizeof(e), 0)', {
        included: ['bpf_ringbuf_reserve(&first, sizeof(*e), 0); bpf_ringbuf_reserve(ring, sizeof(*e), 0);']
      })
    );
    const counters = [...(files[0]?.text ?? '').matchAll(/long long (bpflab_lost\w*) /g)].map(match => match[1]);
    expect(counters).toEqual(['bpflab_lost', 'bpflab_lost_first', 'bpflab_lost_second']);
  });

  it.each([
    ['bpf_ringbuf_reserve(&rb, sizeof(*e), 0)', true],
    ['bpf_ringbuf_reserve(&rb, sizeof(struct { int a[(2)]; }), 0)', true],
    ['bpf_ringbuf_reserve(&rb, sizeof(*e) + sizeof(x), 0)', false],
    ['bpf_ringbuf_reserve(&rb, (sizeof(*e)), 0)', false],
    ['bpf_ringbuf_reserve(&rb, SIZE, 0)', false],
    ['bpf_ringbuf_reserve(&rb, sizeof *e, 0)', false],
    ['bpf_ringbuf_reserve(&rb, sizeof(*e', false]
  ])('takes the record type from the size of %s: %s', (call, expected) => {
    expect(header(`#include "a.h"\n${call}`).includes('BPFLAB_TYPE_##size')).toBe(expected);
  });
});

describe('scanCalls', () => {
  it('finds arguments through strings, comments and brackets', () => {
    const text = 'f(a, ")", /* ) */ b[1, 2], (c, d)); my_f(x); f (';
    expect(scanCalls(text, 'f')).toEqual([['a', '")"', '/* ) */ b[1, 2]', '(c, d)'], []]);
  });
});
