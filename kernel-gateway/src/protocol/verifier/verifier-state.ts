/**
 * States of registers and stack as the kernel's verifier prints them (kernel/bpf/log.c, print_verifier_state): `R1=ctx()
 * R10=fp0 fp-8=0000????`, in Linux before 6.4 with marks behind the place (`R1_w=`, `fp-8_rw=`), in a callee behind `frame1:`.
 */

/** What a line says: values by place (`R0` … `R10`, `fp-8`, `refs`) of one frame, in the verifier's own words. */
export interface StateText {
  frame: number;
  values: [place: string, value: string][];
}

/** Values by place, one map for each frame; `frame` is the one that runs. */
export interface VerifierState {
  frame: number;
  frames: ReadonlyMap<string, string>[];
}

const TOKEN = /\s*(?:frame(\d+):|(R\d{1,2}|fp-?\d+|refs)(?:_[A-Za-z]+)?=)/y;

/** End of the value that begins at `from`: the first space outside of parentheses. */
function valueEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 40) depth++;
    else if (char === 41) depth--;
    else if (char === 32 && depth <= 0) return at;
  }
  return text.length;
}

/** Reads the state that begins at `from`; null when none does. What follows it (`cb`, `refs=2`) is no part of a value. */
export function parseState(text: string, from: number): StateText | null {
  const state: StateText = { frame: 0, values: [] };
  let hasFrame = false;
  TOKEN.lastIndex = from;
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const [, frame, place] = match;
    if (place === undefined) {
      state.frame = Number(frame);
      hasFrame = true;
      continue;
    }
    const end = valueEnd(text, TOKEN.lastIndex);
    state.values.push([place, text.slice(TOKEN.lastIndex, end)]);
    TOKEN.lastIndex = end;
  }
  return hasFrame || state.values.length > 0 ? state : null;
}

const ID = /[(,]id=(\d+)/;

/** Copies of a pointer share its id: what a NULL check says of one holds for all (mark_ptr_or_null_regs). */
function checkCopies(values: Map<string, string>, before: string, after: string): void {
  const id = ID.exec(before)?.[1];
  if (id === undefined || !before.includes('_or_null')) return;
  for (const [place, value] of values) if (value === before) values.set(place, after);
}

/** How a line's values are written over a state. */
export interface StateChange {
  /** The line has all values of its frame: what it does not name is gone. */
  isWhole: boolean;
  /** The values are what a comparison proved: they hold for copies as well. */
  isCheck: boolean;
}

/** The state after a line's values were written over another. */
export function applyState(state: VerifierState, text: StateText, { isWhole, isCheck }: StateChange): VerifierState {
  const frames = state.frames.slice(0, text.frame + 1);
  while (frames.length <= text.frame) frames.push(new Map());
  const values = new Map(isWhole ? [] : frames[text.frame]);
  for (const [place, value] of text.values) {
    const before = values.get(place);
    if (isCheck && before !== undefined && before !== value) checkCopies(values, before, value);
    values.set(place, value);
  }
  frames[text.frame] = values;
  return { frame: text.frame, frames };
}

/** Calls that give away what their first argument refers to. */
const RELEASES = /_(?:submit|discard|release|destroy)(?:_|#|$)|bpf_obj_drop/;
/** Calls that may move the packet (kernel/bpf/verifier.c, bpf_helper_changes_pkt_data). */
const MOVES_PACKET =
  /_(?:pull_data|adjust_\w+|store_bytes|change_\w+|l[34]_csum_replace|vlan_push|vlan_pop|push_data|pop_data|pull_data)#/;

/**
 * The state behind a call: the registers that carried arguments hold nothing any more, and what the call gave away or
 * moved is only a number to the verifier, which it does not print.
 */
export function afterCall(state: VerifierState, call: string): VerifierState {
  const frames = [...state.frames];
  const values = new Map(frames[state.frame]);
  const reference = RELEASES.test(call) ? /ref_obj_id=\d+/.exec(values.get('R1') ?? '')?.[0] : undefined;
  for (const [place, value] of values) {
    const isGone = reference !== undefined && new RegExp(`${reference}\\b`).test(value);
    if (isGone || (value.startsWith('pkt') && MOVES_PACKET.test(call))) values.set(place, 'scalar()');
  }
  for (const place of ['R0', 'R1', 'R2', 'R3', 'R4', 'R5']) values.delete(place);
  frames[state.frame] = values;
  return { frame: state.frame, frames };
}
