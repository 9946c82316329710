import { ByteReader } from '../byte-reader.js';

/**
 * What a location expression says of a variable (DWARF 5 section 2.6), as far as compilers for BPF write it:
 * `register`: its value is in the register; `value`: its value is register + offset; `memory`: it stands at
 * register + offset, where a variable in pieces is given by any piece that is in memory. Null: nothing that can be used.
 * The frame base of BPF functions is register 10.
 */
export type VariableLocation = { kind: 'register' | 'value' | 'memory'; register: number; offset: number };

const Op = {
  plusUconst: 0x23,
  lit0: 0x30,
  reg0: 0x50,
  breg0: 0x70,
  regx: 0x90,
  fbreg: 0x91,
  bregx: 0x92,
  piece: 0x93,
  stackValue: 0x9f
} as const;
const FRAME_REGISTER = 10;

interface Term {
  register: number;
  offset: number;
  kind: VariableLocation['kind'];
}

function readTerm(reader: ByteReader, op: number): Term | null {
  if (op >= Op.reg0 && op < Op.reg0 + 32) return { kind: 'register', register: op - Op.reg0, offset: 0 };
  if (op === Op.regx) return { kind: 'register', register: reader.uleb(), offset: 0 };
  if (op >= Op.breg0 && op < Op.breg0 + 32) {
    return { kind: 'memory', register: op - Op.breg0, offset: Number(reader.sleb()) };
  }
  if (op === Op.bregx) return { kind: 'memory', register: reader.uleb(), offset: Number(reader.sleb()) };
  if (op === Op.fbreg) return { kind: 'memory', register: FRAME_REGISTER, offset: Number(reader.sleb()) };
  return null;
}

/** Follows one expression; a step that is not understood ends it. */
class ExpressionReader {
  #term: Term | null = null;
  /** Bytes of the variable that earlier pieces gave. */
  #position = 0;
  #isConstant = false;
  readonly #reader: ByteReader;

  constructor(expression: Uint8Array) {
    this.#reader = new ByteReader(expression, 'a DWARF expression');
  }

  read(): VariableLocation | null {
    while (this.#reader.at < this.#reader.length) {
      const op = this.#reader.u8();
      const inMemory = op === Op.piece ? this.#endPiece() : null;
      if (inMemory) return inMemory;
      if (op !== Op.piece && !this.#step(op)) return null;
    }
    return this.#position === 0 && !this.#isConstant ? this.#term : null;
  }

  #endPiece(): VariableLocation | null {
    const term = this.#term;
    if (term?.kind === 'memory' && !this.#isConstant) return { ...term, offset: term.offset - this.#position };
    this.#position += this.#reader.uleb();
    this.#term = null;
    this.#isConstant = false;
    return null;
  }

  #step(op: number): boolean {
    const term = this.#term;
    if (op === Op.plusUconst && term) {
      this.#term = { ...term, offset: term.offset + this.#reader.uleb() };
    } else if (op === Op.stackValue) {
      this.#term = term && term.kind === 'memory' ? { ...term, kind: 'value' } : null;
    } else if (op >= Op.lit0 && op < Op.reg0) {
      this.#isConstant = true;
    } else {
      const next = readTerm(this.#reader, op);
      // Sums of two registers and other arithmetic say nothing that can be followed.
      if (!next || term) return false;
      this.#term = next;
    }
    return true;
  }
}

/** Reads one expression; it is used as far as it is understood. */
export function readLocation(expression: Uint8Array): VariableLocation | null {
  return new ExpressionReader(expression).read();
}
