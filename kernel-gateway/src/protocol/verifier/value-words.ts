/** What the verifier's values mean, in words: `map_value_or_null(id=1,map=counts,ks=4,vs=8)`, `scalar(umax=7)`, `fp-8`. */
import type { Said } from './said.js';

/** A value taken apart: kind without marks, and what stands in its parentheses. */
export interface VerifierValue {
  kind: string;
  facts: ReadonlyMap<string, string>;
  mayBeNull: boolean;
}

const said = (en: string, zh: string): Said => ({ en, zh });

/** `smin=smin32=0,var_off=(0x0; 0x7)`: names that are the same are written together. */
function readFacts(text: string): Map<string, string> {
  const facts = new Map<string, string>();
  for (const part of text.match(/[^,()]+(?:\([^)]*\))?/g) ?? []) {
    const names = part.split('=');
    const value = names.pop() ?? '';
    for (const name of names) facts.set(name.trim(), value);
  }
  return facts;
}

/** Takes a value apart; text of any other form is a kind without facts. */
export function readValue(text: string): VerifierValue {
  const plain = text.replace(/^P(?=[-\d]|scalar|inv)/, '');
  const match = /^([\w[\]-]+?)(_or_null)?(?:\((.*)\))?$/.exec(plain);
  if (!match) return { kind: plain, facts: new Map(), mayBeNull: false };
  return { kind: match[1] ?? '', facts: readFacts(match[3] ?? ''), mayBeNull: match[2] !== undefined };
}

const ordinal = (text: string | undefined): string => {
  if (text === undefined) return '';
  const isHex = /^0x/.test(text);
  return isHex && text.length > 2 && BigInt(text) < 0x1_0000_0000n ? String(BigInt(text)) : text;
};

/** Smallest and largest value of a number, empty where there is no limit. */
export function rangeOf({ facts }: VerifierValue): { low: string; high: string } {
  const isSigned = facts.has('smin') && (facts.get('smin') ?? '').startsWith('-');
  const first = (...names: string[]): string => ordinal(names.map(name => facts.get(name)).find(Boolean));
  const [signedLow, signedHigh] = [first('smin', 'smin_value'), first('smax', 'smax_value')];
  if (isSigned) return { low: signedLow, high: signedHigh };
  const high = first('umax', 'umax_value');
  const low = first('umin', 'umin_value') || (high === '' ? '' : '0');
  return high !== '' ? { low, high } : { low: low || signedLow, high: signedHigh };
}

function numberWords(value: VerifierValue): Said {
  const range = rangeOf(value);
  // What only misses some low bits of 64 is no limit.
  const isHuge = /^0x[4-9a-f][0-9a-f]{15}$/.test(range.high);
  const [low, high] = isHuge ? [range.low === '0' ? '' : range.low, ''] : [range.low, range.high];
  if (low === '' && high === '') return said('a number, nothing known about it', '数值，范围未知');
  if (high === '') return said(`a number from ${low}, no upper limit known`, `不小于 ${low} 的数值，上限未知`);
  if (low === '') return said(`a number up to ${high}, no lower limit known`, `不大于 ${high} 的数值，下限未知`);
  return low === high
    ? said(`the number ${low}`, `数值 ${low}`)
    : said(`a number from ${low} to ${high}`, `${low} 到 ${high} 之间的数值`);
}

/** Fixed offset and its range, where there is one. */
function offsetWords(value: VerifierValue): Said {
  const fixed = Number(value.facts.get('off') ?? value.facts.get('imm') ?? '0');
  const { low, high } = rangeOf(value);
  if (high !== '' && high !== '0') {
    const [from, to] = [Number(low || '0') + fixed, Number(high) + fixed];
    return said(`, offset ${from} to ${to}`, `，偏移 ${from} 到 ${to}`);
  }
  if (value.facts.has('var_off')) return said(', at an offset without limits', '，偏移没有上下限');
  return fixed === 0 ? said('', '') : said(`, offset ${fixed}`, `，偏移 ${fixed}`);
}

const bytesOf = (value: VerifierValue, ...names: string[]): string =>
  names.map(name => value.facts.get(name)).find(Boolean) ?? '';

function mapValueWords(value: VerifierValue): Said {
  const map = value.facts.get('map');
  const bytes = bytesOf(value, 'vs');
  const name = map === undefined ? said('a map', '映射') : said(`map "${map}"`, `映射 "${map}"`);
  const size = bytes === '' ? said('', '') : said(` (${bytes} bytes)`, `（${bytes} 字节）`);
  return said(`a pointer to a value of ${name.en}${size.en}`, `指向${name.zh} 中值的指针${size.zh}`);
}

function packetWords(value: VerifierValue): Said {
  const proved = bytesOf(value, 'r');
  return proved === '' || proved === '0'
    ? said('a pointer into the packet, not compared with its end', '指向数据包的指针，尚未与包尾比较')
    : said(
        `a pointer into the packet, ${proved} bytes of which are proved to be there`,
        `指向数据包的指针，已证明其中 ${proved} 字节存在`
      );
}

function memoryWords(what: Said): (value: VerifierValue) => Said {
  return value => {
    const size = bytesOf(value, 'sz', 'mem_size');
    return size === '' ? what : said(`${what.en} of ${size} bytes`, `${what.zh}（${size} 字节）`);
  };
}

const kinds = new Map<string, (value: VerifierValue) => Said>([
  ['scalar', numberWords],
  ['inv', numberWords],
  ['ctx', () => said("the program's context", '程序的上下文')],
  ['map_ptr', value => said(`the map "${value.facts.get('map') ?? '?'}"`, `映射 "${value.facts.get('map') ?? '?'}"`)],
  ['map_value', mapValueWords],
  ['map_key', () => said('a pointer to a key of a map', '指向映射中键的指针')],
  ['pkt', packetWords],
  ['pkt_end', () => said('the end of the packet', '数据包的末尾')],
  ['pkt_meta', () => said('a pointer to the meta data before the packet', '指向数据包之前元数据的指针')],
  ['mem', memoryWords(said('a pointer to memory', '指向内存的指针'))],
  ['rdonly_mem', memoryWords(said('a pointer to read-only memory', '指向只读内存的指针'))],
  ['ringbuf_mem', memoryWords(said('a pointer to a reserved ring-buffer record', '指向已预留的环形缓冲区记录的指针'))],
  ['alloc_mem', memoryWords(said('a pointer to a reserved ring-buffer record', '指向已预留的环形缓冲区记录的指针'))],
  ['buf', () => said('a pointer to a buffer', '指向缓冲区的指针')],
  ['func', () => said('the address of a function', '函数的地址')],
  ['sock', () => said('a pointer to a socket', '指向套接字的指针')],
  ['sock_common', () => said('a pointer to a socket', '指向套接字的指针')],
  ['fp', () => said('an address of the stack', '栈上的地址')],
  ['tp_buffer', () => said('the buffer of a tracepoint', '跟踪点的缓冲区')]
]);

const trust = new Map([
  ['trusted_', said('a trusted pointer', '可信指针')],
  ['rcu_', said('a pointer that is valid until the RCU section ends', '在 RCU 区间内有效的指针')],
  ['untrusted_', said('an untrusted pointer', '不可信指针')],
  ['percpu_', said('a per-CPU pointer', '每 CPU 指针')],
  ['', said('a pointer', '指针')]
]);

/** Pointers with BTF: `trusted_ptr_task_struct`, `rcu_ptr_cred`. */
function structWords(kind: string): Said | null {
  const match = /^((?:trusted_|rcu_|untrusted_|percpu_|user_|alloc_)*)(?:non_own_)?ptr_(\w*)$/.exec(kind);
  if (!match) return null;
  const words = trust.get(match[1] ?? '') ?? said('a pointer', '指针');
  const struct = match[2] === '' ? 'struct' : `struct ${match[2]}`;
  return said(`${words.en} to ${struct}`, `指向 ${struct} 的${words.zh}`);
}

/** Bytes of a stack slot: `?` not written, `m` anything, `0` zero, `r`/`s` part of a spilled register. */
function slotWords(text: string): Said | null {
  if (!/^[?m0rsiDda]{8}$/.test(text)) return null;
  if (/^0+$/.test(text)) return said('zeros', '全为 0');
  if (!text.includes('?')) return said('bytes that were written, not followed further', '已写入的字节，内容不再跟踪');
  const written = [...text].filter(char => char !== '?').length;
  return said(`${written} of 8 bytes written`, `8 字节中已写入 ${written} 字节`);
}

/** Objects that live on the stack: `dynptr_ringbuf(ref_id=3)`, `iter_num(ref_id=1,state=active,depth=0)`. */
function objectWords({ kind, facts }: VerifierValue): Said | null {
  if (kind.startsWith('dynptr_')) return said(`a dynptr (${kind.slice(7)})`, `dynptr（${kind.slice(7)}）`);
  if (!kind.startsWith('iter_')) return null;
  return said(`an iterator, ${facts.get('state') ?? ''}`, `迭代器，状态 ${facts.get('state') ?? ''}`);
}

function pointerWords(value: VerifierValue): Said {
  const known = kinds.get(value.kind);
  const words = known?.(value) ?? structWords(value.kind) ?? said(value.kind.replaceAll('_', ' '), value.kind);
  const isNumber = value.kind === 'scalar' || value.kind === 'inv';
  const offset = isNumber || value.kind === 'map_ptr' ? said('', '') : offsetWords(value);
  const nullable = value.mayBeNull ? said(', or NULL', '，也可能为 NULL') : said('', '');
  return said(words.en + offset.en + nullable.en, words.zh + offset.zh + nullable.zh);
}

/** What a register or a slot of the stack holds, as part of a sentence. */
export function valueWords(text: string): Said {
  const slot = slotWords(text);
  if (slot) return slot;
  const plain = text.replace(/^P(?=[-\d]|scalar|inv)/, '');
  if (/^(?:inv)?-?(?:\d+|0x[0-9a-f]+)$/.test(plain)) {
    const number = plain.replace(/^inv/, '');
    return said(`the number ${number}`, `数值 ${number}`);
  }
  const stack = /^fp(?:\[\d+\])?([+-]?\d+)$/.exec(plain);
  if (stack)
    return stack[1] === '0'
      ? said('the end of the stack frame', '栈帧的末端')
      : said(`the address of the stack at ${stack[1]}`, `栈上偏移 ${stack[1]} 处的地址`);
  const value = readValue(plain);
  return objectWords(value) ?? pointerWords(value);
}
