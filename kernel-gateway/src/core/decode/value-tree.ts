/** Text of a typed value as a tree, before its type is looked at: C initializers and JSON, which differ little. */
import { LabError } from '../../protocol/index.js';
import { encodeUtf8 } from './encode-utf8.js';

/** A word (number, name), a quoted text as bytes, or a list whose items may have member names. */
export type ValueTree =
  | { kind: 'word'; text: string }
  | { kind: 'quoted'; bytes: Uint8Array; text: string }
  | { kind: 'list'; items: { name: string | null; value: ValueTree }[]; text: string };

const MAX_DEPTH = 32;

/** The error of a text that is no value; `cause` is a clause. */
export function valueInvalid(text: string, cause: string): LabError {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return new LabError('BPFLAB_VALUE_INVALID', `The value "${shown}" cannot be used: ${cause}.`);
}

const simpleEscapes: Record<string, number> = { n: 10, t: 9, r: 13, a: 7, b: 8, v: 11, f: 12, e: 27 };

/** Bytes of the inside of a C string literal. */
export function unescapeBytes(text: string): Uint8Array {
  const parts: number[] = [];
  const pattern = /\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{4}|[0-7]{1,3}|[\s\S])|[^\\]+|\\$/g;
  for (const match of text.matchAll(pattern)) {
    const escape = match[1];
    if (escape === undefined) for (const byte of encodeUtf8(match[0])) parts.push(byte);
    else if (/^x./.test(escape)) parts.push(Number.parseInt(escape.slice(1), 16));
    else if (/^[0-7]/.test(escape)) parts.push(Number.parseInt(escape, 8) & 0xff);
    else if (/^u./.test(escape))
      for (const byte of encodeUtf8(String.fromCharCode(Number.parseInt(escape.slice(1), 16)))) parts.push(byte);
    else
      for (const byte of simpleEscapes[escape] === undefined ? encodeUtf8(escape) : [simpleEscapes[escape]])
        parts.push(byte);
  }
  return Uint8Array.from(parts);
}

class TreeParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): ValueTree {
    const value = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) throw this.#broken(`nothing may follow at character ${this.#at + 1}`);
    return value;
  }

  #broken(cause: string): LabError {
    return valueInvalid(this.#text, cause);
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #value(depth: number): ValueTree {
    if (depth > MAX_DEPTH) throw this.#broken('it is nested too deep');
    this.#space();
    const first = this.#text[this.#at];
    if (first === '{' || first === '[') return this.#list(first === '{' ? '}' : ']', depth);
    if (first === '"') return this.#quoted();
    return { kind: 'word', text: this.#word() };
  }

  #quoted(): Extract<ValueTree, { kind: 'quoted' }> {
    const match = /"((?:\\[\s\S]|[^"\\])*)"/y;
    match.lastIndex = this.#at;
    const found = match.exec(this.#text);
    if (!found) throw this.#broken('a quote is not closed');
    this.#at = match.lastIndex;
    return { kind: 'quoted', bytes: unescapeBytes(found[1] ?? ''), text: found[0] };
  }

  #word(): string {
    const match = /'(?:\\[\s\S]|[^'\\])+'|[^\s,{}[\]"=:]+/y;
    match.lastIndex = this.#at;
    const found = match.exec(this.#text);
    if (!found) throw this.#broken(`a value is missing at character ${this.#at + 1}`);
    this.#at = match.lastIndex;
    return found[0];
  }

  #list(close: string, depth: number): ValueTree {
    const start = this.#at++;
    const items: { name: string | null; value: ValueTree }[] = [];
    for (;;) {
      this.#space();
      if (this.#text[this.#at] === close) break;
      items.push({ name: this.#memberName(), value: this.#value(depth + 1) });
      this.#space();
      if (this.#text[this.#at] === ',') this.#at++;
      else if (this.#text[this.#at] !== close) throw this.#broken(`"${close}" is missing`);
    }
    this.#at++;
    return { kind: 'list', items, text: this.#text.slice(start, this.#at) };
  }

  /** `.name =`, `"name":` or `name:`; null when the item has no name. */
  #memberName(): string | null {
    const match = /(?:\.([A-Za-z_][\w.]*)\s*=|"([^"\\]*)"\s*:|([A-Za-z_][\w.]*)\s*[:=])/y;
    match.lastIndex = this.#at;
    const found = match.exec(this.#text);
    if (!found) return null;
    this.#at = match.lastIndex;
    return found[1] ?? found[2] ?? found[3] ?? null;
  }
}

/** Parses a value. @throws LabError BPFLAB_VALUE_INVALID */
export function parseTree(text: string): ValueTree {
  return new TreeParser(text).parse();
}
