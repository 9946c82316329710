/**
 * The part of YAML that people write into front matter: maps and lists by indentation, flow lists and maps, quoted and plain
 * scalars, literal blocks. Everything that it reads a YAML parser reads alike; what it does not know is left out and told.
 */

/** A value of front matter. */
export type YamlValue = string | number | boolean | null | YamlValue[] | { [key: string]: YamlValue };

/** What was read; `problems` are sentences with the line (1-based). */
export interface YamlText {
  value: { [key: string]: YamlValue };
  problems: string[];
}

interface Line {
  number: number;
  indent: number;
  text: string;
}

const KEY = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)'|([^\s"'#[\]{},&*!|>%@`-][^:]*?|-[^\s:][^:]*?))\s*:(?:\s+(.*))?$/;

/** Reads a map; never throws. Keys that come twice keep their first value. */
export function readYaml(text: string): YamlText {
  const problems: string[] = [];
  const raw = text.split(/\r\n|\n|\r/);
  const lines = raw.flatMap((line, index): Line[] => {
    const content = line.trimStart();
    return content === '' || content.startsWith('#')
      ? []
      : [{ number: index + 1, indent: line.length - content.length, text: content.trimEnd() }];
  });
  const reader = new YamlReader(lines, raw, problems);
  const value = reader.map(0);
  return { value, problems };
}

class YamlReader {
  readonly #lines: readonly Line[];
  readonly #raw: readonly string[];
  readonly #problems: string[];
  #at = 0;

  constructor(lines: readonly Line[], raw: readonly string[], problems: string[]) {
    this.#lines = lines;
    this.#raw = raw;
    this.#problems = problems;
  }

  /** Entries of a map whose keys stand at `indent`; deeper lines that belong to nothing are told. */
  map(indent: number): { [key: string]: YamlValue } {
    const entries = new Map<string, YamlValue>();
    for (let line = this.#lines[this.#at]; line !== undefined && line.indent >= indent; line = this.#lines[this.#at]) {
      const match = line.indent === indent ? KEY.exec(line.text) : null;
      if (match === null) {
        this.#complain(line);
        this.#at++;
        continue;
      }
      const key = match[1] === undefined ? (match[2] ?? match[3] ?? '').trim() : unescape(match[1]);
      this.#at++;
      const value = this.#value(match[4] ?? '', indent, line);
      if (!entries.has(key)) entries.set(key, value);
    }
    return Object.fromEntries(entries);
  }

  #value(rest: string, indent: number, line: Line): YamlValue {
    const text = withoutComment(rest);
    if (/^[|>][+-]?$/.test(text)) return this.#block(indent, text);
    if (text !== '') return scalar(text, () => this.#complain(line));
    const next = this.#lines[this.#at];
    if (next === undefined) return null;
    const isList = /^-(\s|$)/.test(next.text);
    if (isList && next.indent >= indent) return this.#list(next.indent);
    return next.indent > indent ? this.map(next.indent) : null;
  }

  #list(indent: number): YamlValue[] {
    const items: YamlValue[] = [];
    for (let line = this.#lines[this.#at]; line?.indent === indent; line = this.#lines[this.#at]) {
      const match = /^-(\s+|$)(.*)$/.exec(line.text);
      if (match === null) break;
      const rest = match[2] ?? '';
      this.#at++;
      items.push(this.#value(rest, indent, line));
    }
    return items;
  }

  /** Lines that are deeper than the key, without the indentation of the first. */
  #block(indent: number, style: string): string {
    const from = (this.#lines[this.#at - 1]?.number ?? 0) - 1;
    const taken: string[] = [];
    let index = from + 1;
    for (; index < this.#raw.length; index++) {
      const line = this.#raw[index] ?? '';
      if (line.trim() !== '' && line.length - line.trimStart().length <= indent) break;
      taken.push(line);
    }
    while (this.#lines[this.#at] !== undefined && (this.#lines[this.#at]?.number ?? 0) <= index) this.#at++;
    return unindented(taken, style);
  }

  #complain(line: Line): void {
    this.#problems.push(`Line ${line.number} cannot be read: "${line.text.slice(0, 60)}".`);
  }
}

function unindented(lines: readonly string[], style: string): string {
  const first = lines.find(line => line.trim() !== '') ?? '';
  const depth = first.length - first.trimStart().length;
  const text = lines.map(line => line.slice(depth)).join(style.startsWith('>') ? ' ' : '\n');
  return style.endsWith('-') ? text.trimEnd() : `${text.trimEnd()}\n`;
}

/** A comment begins with # behind a blank, outside of quotes. */
function withoutComment(text: string): string {
  if (/^["'[{]/.test(text)) return text.trim();
  return text.replace(/(^|\s)#.*$/, '').trim();
}

function scalar(text: string, complain: () => void): YamlValue {
  const flow = new FlowReader(text);
  const value = flow.value();
  if (flow.isDone && !flow.isBroken) return value;
  if (!/^["'[{]/.test(text)) return plain(text);
  complain();
  return null;
}

function plain(text: string): YamlValue {
  if (/^(null|~|)$/.test(text)) return null;
  if (/^(true|false)$/.test(text)) return text === 'true';
  return /^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(text) ? Number(text) : text;
}

function unescape(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}

/** Flow values: `[a, "b"]`, `{a: 1}`, quoted and plain scalars. */
class FlowReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  isBroken = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** Whether nothing but a comment follows. */
  get isDone(): boolean {
    return /^\s*(\s#.*)?$/.test(this.#text.slice(this.#at));
  }

  value(): YamlValue {
    this.#skip(/\s*/y);
    if (this.#depth > 20) return this.#break();
    switch (this.#text[this.#at]) {
      case '"':
      case "'":
        return this.#quoted();
      case '[':
        return this.#within(() => this.#items(']', () => this.value()));
      case '{':
        return this.#within(() => Object.fromEntries(this.#items('}', () => this.#pair())));
      default: {
        const end = this.#depth === 0 ? /[^]*/y : /[^,\]}:]*(?::(?!\s)[^,\]}:]*)*/y;
        return plain(this.#skip(end).trim());
      }
    }
  }

  #within<T>(read: () => T): T {
    this.#depth++;
    const value = read();
    this.#depth--;
    return value;
  }

  #items<T>(end: string, read: () => T): T[] {
    const items: T[] = [];
    this.#at++;
    for (;;) {
      this.#skip(/\s*/y);
      if (this.#text[this.#at] === end) {
        this.#at++;
        return items;
      }
      const before = this.#at;
      items.push(read());
      this.#skip(/\s*/y);
      if (this.#text[this.#at] === ',') this.#at++;
      else if (this.#text[this.#at] !== end || this.#at === before) {
        this.#break();
        return items;
      }
    }
  }

  #pair(): [string, YamlValue] {
    const quoted = /["']/.test(this.#text[this.#at] ?? '') ? this.#quoted() : null;
    const key = typeof quoted === 'string' ? quoted : this.#skip(/[^,\]}:]*/y).trim();
    this.#skip(/\s*/y);
    if (this.#text[this.#at] !== ':') {
      this.#break();
      return [key, null];
    }
    this.#at++;
    return [key, this.value()];
  }

  #quoted(): YamlValue {
    const double = this.#skip(/"(?:[^"\\]|\\.)*"/y);
    if (double !== '') return unescape(double.slice(1, -1));
    const single = this.#skip(/'(?:[^']|'')*'/y);
    return single === '' ? this.#break() : single.slice(1, -1).replaceAll("''", "'");
  }

  #break(): null {
    this.isBroken = true;
    this.#at = this.#text.length;
    return null;
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }
}
