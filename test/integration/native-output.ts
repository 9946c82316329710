import { expect } from 'vitest';
import type { Aggregate, Field } from './random-layouts.js';

/** One struct's bytes, and what the compiler sees in them, by column. */
export interface Expected {
  layout: number;
  bytes: Uint8Array;
  columns: { name: string; text: string }[];
}

const letters = { int: 'i', enum: 'i', bool: 'b', float: 'f', pointer: 'p', wide: 'p', chars: 's' };

/** What the native program printed, read along the layouts. */
export class NativeOutput {
  readonly #lines: string[];
  #at = 0;

  readonly #layouts: Aggregate[];

  constructor(text: string, layouts: Aggregate[]) {
    this.#layouts = layouts;
    this.#lines = text.trimEnd().split('\n');
  }

  read(): Expected[] {
    const all: Expected[] = [];
    while (this.#at < this.#lines.length) {
      const [, layout = '', hex = ''] = this.#take('layout');
      const columns: Expected['columns'] = [];
      this.#members(this.#layouts[Number(layout)]!, '', columns);
      all.push({ layout: Number(layout), bytes: Uint8Array.from(Buffer.from(hex, 'hex')), columns });
    }
    return all;
  }

  #take(kind: string): string[] {
    const words = (this.#lines[this.#at++] ?? '').split('\t');
    expect(words[0]).toBe(kind);
    return words;
  }

  #members(type: Aggregate, path: string, columns: Expected['columns']): void {
    for (const field of type.fields) {
      const name = path === '' ? field.name : `${path}.${field.name}`;
      if (field.name === '') {
        this.#members(field.type as Aggregate, path, columns);
      } else if ('fields' in field.type && field.dimensions.length === 0) {
        this.#take('{');
        this.#members(field.type, name, columns);
        this.#take('}');
      } else {
        columns.push({ name, text: this.#value(field, false) });
      }
    }
  }

  #value(field: Field, isInside: boolean): string {
    if (field.dimensions.length > 0) return this.#list(field);
    const { type } = field;
    if ('fields' in type) return this.#aggregate(type);
    const text = this.#take(letters[type.kind])[2] ?? '';
    if (type.kind === 'chars') return shownText(text, isInside);
    if (type.kind === 'float') return shownFloat(text);
    const named = type.kind === 'enum' ? type.values.find(({ value }) => value === BigInt(text)) : undefined;
    return named?.name ?? text;
  }

  #list(field: Field): string {
    this.#take('[');
    const [count = 0, ...rest] = field.dimensions;
    const parts = Array.from({ length: count }, () => this.#value({ ...field, dimensions: rest }, true));
    this.#take(']');
    return `[${parts.join(', ')}]`;
  }

  #aggregate(type: Aggregate): string {
    this.#take('{');
    const parts = this.#parts(type);
    this.#take('}');
    return `{${parts.join(', ')}}`;
  }

  #parts(type: Aggregate): string[] {
    return type.fields.flatMap(field =>
      field.name === '' ? this.#parts(field.type as Aggregate) : [`.${field.name} = ${this.#value(field, true)}`]
    );
  }
}

const shownFloat = (text: string): string => {
  if (text.endsWith('nan')) return 'NaN';
  if (text.endsWith('inf')) return text.startsWith('-') ? '-Infinity' : 'Infinity';
  return String(Number(text));
};

const escapes: Record<string, string> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e'
};

/** The first character of some UTF-8 when it is shown as it is, else an empty string; by the platform's decoder. */
function firstShown(bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for (const size of [1, 2, 3, 4]) {
    try {
      const character = decoder.decode(bytes.subarray(0, size));
      const code = character.codePointAt(0) ?? 0;
      return (code >= 0x20 && code < 0x7f) || code >= 0xa0 ? character : '';
    } catch {
      continue;
    }
  }
  return '';
}

/** The documented text of bytes: UTF-8, everything else escaped. */
function shownText(hex: string, isQuoted: boolean): string {
  const bytes = Buffer.from(hex, 'hex');
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const character = firstShown(bytes.subarray(at));
    const byte = bytes[at] ?? 0;
    const escape = escapes[String.fromCharCode(byte)] ?? `\\x${byte.toString(16).padStart(2, '0')}`;
    const quoted = isQuoted && /["\\]/.test(character) ? `\\${character}` : character;
    text += character === '' ? escape : quoted;
    at += character === '' ? 1 : Buffer.byteLength(character);
  }
  return isQuoted ? `"${text}"` : text;
}
