/**
 * What bpflab adds to a cell before it is compiled, all of it in one place and shown to the user ("Show what was added").
 *
 * A header stands in front of libbpf's <bpf/bpf_helpers.h>: it includes the real one and wraps four helpers and bpf_printk.
 * - Failed bpf_ringbuf_reserve and bpf_ringbuf_output calls are counted, per ring where the call names it, in
 *   `bpflab_lost_RING` (else `bpflab_lost`), variables of the section `.data.bpflab`.
 * - Each call leaves a local variable `bpflab_record`, a pointer to `struct { RING *map; RECORD *record; }`, without code,
 *   so that the object's DWARF says which type goes into which ring. For reserve this needs `sizeof(…)` as the size.
 * - Formats of bpf_printk begin with `PRINTK_TAG`, into which the number of the run is written before load.
 *
 * The cell's own text is compiled as it is. Empty lines stand for the cell's lines before it, so that a line of the file
 * is a line of the cell; `#line` would not do, for LLVM takes the source text in .BTF.ext from the file's own lines.
 */
import { PRINTK_TAG } from './printk-tag.js';
import { scanCalls } from './scan-calls.js';

/** Section of the counters of lost records. */
export const LOST_SECTION = '.data.bpflab';
/** Name of the counter for calls whose ring is not named in the call; that of a ring is `bpflab_lost_RING`. */
export const LOST_COUNTER = 'bpflab_lost';
/** Name of the local variables that tie a ring to its record type. */
const RECORD_ANCHOR = 'bpflab_record';

const CONVENIENCE_INCLUDES = ['vmlinux.h', 'bpf/bpf_helpers.h', 'bpf/bpf_tracing.h', 'bpf/bpf_core_read.h'];

/** Text to compile and where its lines are. */
export interface InstrumentRequest {
  body: string;
  /** The cell's line on which `body` starts. */
  bodyLine: number;
  pristine: boolean;
  /** False: nothing is included for a text that includes nothing. */
  convenience: boolean;
  /** Texts of the session's files that the body includes. */
  included: readonly string[];
}

/** What the compiler gets: the main file, and files by their path on the include path. */
export interface Instrumented {
  source: string;
  /** Headers that are included before the main file, in order. */
  includes: string[];
  files: { path: string; text: string }[];
  /** For the user's eyes. */
  added: string;
}

/** True when the text has no include directive at all. */
export function includesNothing(text: string): boolean {
  return !/^[ \t]*#[ \t]*(include|import)\b/m.test(text);
}

function ringNames(text: string): string[] {
  const names = new Set<string>();
  for (const helper of ['bpf_ringbuf_reserve', 'bpf_ringbuf_output', 'bpf_ringbuf_reserve_dynptr'])
    for (const [ring] of scanCalls(text, helper)) {
      const name = /^&\s*([A-Za-z_]\w*)$/.exec(ring ?? '')?.[1];
      if (name) names.add(name);
    }
  return [...names];
}

function counters(rings: readonly string[]): string {
  const variable = (name: string): string =>
    `static volatile unsigned long long ${name} __attribute__((section("${LOST_SECTION}")));`;
  const choices = rings.map(
    ring => `\t __builtin_strcmp(ring, "&${ring}") == 0 ? (void)__sync_fetch_and_add(&${LOST_COUNTER}_${ring}, 1) : \\`
  );
  return [
    variable(LOST_COUNTER),
    ...rings.map(ring => variable(`${LOST_COUNTER}_${ring}`)),
    '#define BPFLAB_COUNT_LOST(ring) ( \\',
    ...choices,
    `\t (void)__sync_fetch_and_add(&${LOST_COUNTER}, 1))`
  ].join('\n');
}

const anchor = (map: string, record: string): string =>
  `struct { __typeof__(${map}) map; ${record} record; } *${RECORD_ANCHOR} __attribute__((unused)); \\`;

/** Every reserve call has a size that a macro can take apart: exactly `sizeof(…)`. */
function sizesAreTypes(text: string): boolean {
  return scanCalls(text, 'bpf_ringbuf_reserve').every(([, size]) => {
    const inner = /^sizeof\s*(\(.*\))$/s.exec(size ?? '')?.[1];
    if (inner === undefined) return false;
    let depth = 0;
    for (const [index, char] of [...inner].entries()) {
      if (char === '(') depth++;
      else if (char === ')' && --depth === 0) return index === inner.length - 1;
    }
    return false;
  });
}

/** Text of the header that stands for <bpf/bpf_helpers.h>. */
function wrappingHeader(text: string): string {
  const reserveAnchor = sizesAreTypes(text) ? [`\t${anchor('ring', '__typeof__(BPFLAB_TYPE_##size) *')}`] : [];
  return `#include_next <bpf/bpf_helpers.h>

#if !defined(BPFLAB_ADDED) && !defined(BPF_NO_GLOBAL_DATA)
#define BPFLAB_ADDED

/* Calls that found a ring full; the kernel does not count them. */
${counters(ringNames(text))}
#define BPFLAB_TYPE_sizeof(x) __typeof__(x)

/* A test that the verifier learns nothing from: whether the program itself tests the pointer is still seen. */
#define BPFLAB_IS_NULL(pointer) ({ \\
	unsigned long long bpflab_is_null; \\
	asm volatile("%0 = 0\\n if %1 > 0 goto +1\\n %0 = 1" : "=&r"(bpflab_is_null) : "r"(pointer)); \\
	bpflab_is_null; })

#define bpf_ringbuf_reserve(ring, size, flags) ({ \\
${[...reserveAnchor, '\tvoid *bpflab_record_at = (bpf_ringbuf_reserve)(ring, size, flags); \\'].join('\n')}
	if (BPFLAB_IS_NULL(bpflab_record_at)) BPFLAB_COUNT_LOST(#ring); \\
	bpflab_record_at; })

#define bpf_ringbuf_output(ring, data, size, flags) ({ \\
	${anchor('ring', '__typeof__((data) + 0)')}
	long bpflab_result = (bpf_ringbuf_output)(ring, data, size, flags); \\
	if (bpflab_result < 0) BPFLAB_COUNT_LOST(#ring); \\
	bpflab_result; })

#define bpf_ringbuf_reserve_dynptr(ring, size, flags, ptr) ({ \\
	long bpflab_result = (bpf_ringbuf_reserve_dynptr)(ring, size, flags, ptr); \\
	if (bpflab_result < 0) BPFLAB_COUNT_LOST(#ring); \\
	bpflab_result; })

/* Which type goes into which perf buffer; no code. */
#define bpf_perf_event_output(ctx, perf, flags, data, size) ({ \\
	${anchor('perf', '__typeof__((data) + 0)')}
	(bpf_perf_event_output)(ctx, perf, flags, data, size); })

/* The digits become the number of the run, so that its lines can be told from those of others. */
#ifdef bpf_printk
#undef bpf_printk
#define bpf_printk(fmt, args...) ___bpf_pick_printk(args)("${PRINTK_TAG}" fmt, ##args)
#endif

#endif
`;
}

/** Puts together what is compiled for a cell. The same request gives the same result. */
export function instrument(request: InstrumentRequest): Instrumented {
  const includes = request.convenience && includesNothing(request.body) ? CONVENIENCE_INCLUDES : [];
  const source = `${'\n'.repeat(request.bodyLine - 1)}${request.body}\n`;
  const files: { path: string; text: string }[] = [];
  if (!request.pristine)
    files.push({ path: 'bpf/bpf_helpers.h', text: wrappingHeader([request.body, ...request.included].join('\n')) });
  const shown = files.map(file => `/* In front of <${file.path}>: */\n${file.text}`);
  if (includes.length > 0)
    shown.unshift(
      `/* Before the cell, which includes nothing: */\n${includes.map(name => `#include <${name}>\n`).join('')}`
    );
  return { source, includes, files, added: shown.join('\n') };
}
