import { closingOf, readTokens, tokenAt, type Token } from './c-tokens.js';
import { readDeclaration, readMembers, splitList, type Declared, type TextType } from './declaration.js';

/** A function of a text; offsets in UTF-16 units. `section` is its SEC name, null when it has none. */
export interface SourceFunction {
  name: string;
  at: number;
  section: string | null;
  /** Macro that it is written with, such as BPF_PROG; else empty. */
  macro: string;
  returns: TextType | null;
  parameters: Declared[];
  start: number;
  /** Behind the opening brace; `bodyEnd` is before the closing one, or the text's end. */
  bodyStart: number;
  bodyEnd: number;
}

/** A map definition in `SEC(".maps")`; texts are as written, empty where there is none. */
export interface SourceMap {
  name: string;
  at: number;
  type: string;
  key: string;
  value: string;
  entries: string;
}

/** A struct, union or enum with a body; `name` is with its keyword ("struct event"), or the keyword alone. */
interface SourceRecord {
  name: string;
  at: number;
  members: Declared[];
  values: { name: string; at: number }[];
}

/** What a text declares at its top level. */
export interface CellSource {
  functions: SourceFunction[];
  maps: SourceMap[];
  records: SourceRecord[];
  typedefs: Declared[];
  globals: Declared[];
  macros: { name: string; parameters: string; text: string; at: number }[];
}

/** Top-level declarations: tokens, without what ends them. An unfinished one ends where SEC stands at a line's start. */
function* topLevel(tokens: readonly Token[], text: string): Generator<Token[]> {
  let from = 0;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokenAt(tokens, i);
    if (token.kind === 'directive' && i === from) from = i + 1;
    else if (token.text === ';') {
      yield tokens.slice(from, i);
      from = i + 1;
    } else if (token.text === '{' || token.text === '(' || token.text === '[') {
      const end = endOfBlock(tokens, i, text);
      const isBody =
        token.text === '{' && /^[)\w]/.test(tokenAt(tokens, i - 1).text) && isFunctionHead(tokens, from, i);
      i = end;
      if (isBody) {
        yield tokens.slice(from, end + 1);
        from = end + 1;
      }
    }
  }
  if (from < tokens.length) yield tokens.slice(from);
}

/** As `closingOf`, but a SEC at the start of a line begins something new: brackets are often open while one types. */
function endOfBlock(tokens: readonly Token[], open: number, text: string): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    const { text: word, start, kind } = tokenAt(tokens, i);
    if (word === 'SEC' && i > open && isLineStart(text, start) && tokenAt(tokens, i + 1).text === '(') return i - 1;
    if (kind !== 'mark') continue;
    if ('([{'.includes(word)) depth++;
    else if (')]}'.includes(word) && --depth === 0) return i;
  }
  return tokens.length - 1;
}

const isLineStart = (text: string, at: number): boolean => at === 0 || text[at - 1] === '\n';

/** Tokens that a function's head has at most. */
const MAX_HEAD = 500;

/** Whether the tokens before a brace are the head of a function: a name with parameters, no struct, no initializer. */
function isFunctionHead(tokens: readonly Token[], from: number, brace: number): boolean {
  const head = tokens.slice(Math.max(from, brace - MAX_HEAD), brace);
  return head.some(token => token.text === '(') && !head.some(token => token.text === '=') && !isRecordHead(head);
}

/** `struct x __attribute__((…)) {`: the brace follows the tag. */
function isRecordHead(head: readonly Token[]): boolean {
  const words = head.filter(token => token.kind === 'word').map(token => token.text);
  const first = words.find(word => word !== 'typedef' && word !== 'static' && word !== 'const') ?? '';
  if (!/^(struct|union|enum)$/.test(first)) return false;
  const open = head.findIndex(token => token.text === '(');
  return open < 0 || tokenAt(head, open - 1).text === '__attribute__';
}

const sectionOf = (tokens: readonly Token[]): string | null => {
  const at = tokens.findIndex(
    (token, i) => token.text === 'SEC' && tokenAt(tokens, i + 1).text === '(' && tokenAt(tokens, i + 2).kind === 'text'
  );
  return at < 0 ? null : tokenAt(tokens, at + 2).text.replaceAll(/^"|"$/g, '');
};

/** Index of the bracket that opens the parameters: the last one before the body that no attribute has. */
function parametersAt(head: readonly Token[]): number {
  let found = -1;
  for (let i = 0; i < head.length; i++) {
    if (tokenAt(head, i).text !== '(') continue;
    const before = tokenAt(head, i - 1);
    if (before.kind === 'word' && !/^(SEC|__attribute__|__aligned)$/.test(before.text)) found = i;
    i = closingOf(head, i);
  }
  return found;
}

const PARAMETER_MACRO =
  /^(BPF_PROG2?|BPF_KPROBE|BPF_KRETPROBE|BPF_KSYSCALL|BPF_KPROBE_SYSCALL|BPF_URETPROBE|BPF_UPROBE|BPF_USDT|BPF_STRUCT_OPS\w*)$/;

function readFunction(tokens: readonly Token[], brace: number, text: string): SourceFunction | null {
  const head = tokens.slice(0, brace);
  const open = parametersAt(head);
  if (open < 1) return null;
  const word = tokenAt(head, open - 1);
  const list = splitList(head.slice(open + 1, closingOf(head, open)));
  const isMacro = PARAMETER_MACRO.test(word.text);
  const name = isMacro ? tokenAt(list[0] ?? [], 0) : word;
  if (name.kind !== 'word') return null;
  const last = tokenAt(tokens, tokens.length - 1);
  const isClosed = last.text === '}' && closingOf(tokens, brace) === tokens.length - 1;
  return {
    name: name.text,
    at: name.start,
    section: sectionOf(head),
    macro: isMacro ? word.text : '',
    returns: readDeclaration(head.slice(0, open))[0]?.type ?? null,
    parameters: list.slice(isMacro ? 1 : 0).flatMap(part => readDeclaration(part).slice(0, 1)),
    start: tokenAt(head, 0).start,
    bodyStart: tokenAt(tokens, brace).end,
    bodyEnd: isClosed ? last.start : endOfOpenBody(tokens, text)
  };
}

/** A body that nothing closes goes on to the next SEC at a line's start, or to the end. */
function endOfOpenBody(tokens: readonly Token[], text: string): number {
  const end = tokenAt(tokens, tokens.length - 1).end;
  const next = text.indexOf('\nSEC(', end - 1);
  return next < 0 ? text.length : next + 1;
}

const argument = (body: readonly Token[], macro: string, name: string): string => {
  for (let i = 0; i < body.length; i++) {
    if (tokenAt(body, i).text !== macro || tokenAt(body, i + 1).text !== '(') continue;
    const [first = [], ...rest] = splitList(body.slice(i + 2, closingOf(body, i + 1)));
    if (first[0]?.text === name)
      return rest
        .flat()
        .map(token => token.text)
        .join(' ');
  }
  return '';
};

function readMap(tokens: readonly Token[], brace: number): SourceMap | null {
  const close = closingOf(tokens, brace);
  const name = tokenAt(tokens, close + 1);
  if (name.kind !== 'word') return null;
  const body = tokens.slice(brace + 1, close);
  return {
    name: name.text,
    at: name.start,
    type: argument(body, '__uint', 'type').replace(/^BPF_MAP_TYPE_/, ''),
    key: argument(body, '__type', 'key') || bytes(argument(body, '__uint', 'key_size')),
    value: argument(body, '__type', 'value') || bytes(argument(body, '__uint', 'value_size')),
    entries: argument(body, '__uint', 'max_entries')
  };
}

const bytes = (size: string): string => (size === '' ? '' : `${size} bytes`);

function readRecord(tokens: readonly Token[], brace: number): SourceRecord | null {
  const at = tokens.findIndex(token => /^(struct|union|enum)$/.test(token.text));
  if (at < 0 || at > brace) return null;
  const keyword = tokenAt(tokens, at).text;
  const tag = tokens.slice(at + 1, brace).find(token => token.kind === 'word' && token.text !== '__attribute__');
  const body = tokens.slice(brace + 1, closingOf(tokens, brace));
  const values =
    keyword === 'enum' ? splitList(body).flatMap(part => part.filter(one => one.kind === 'word').slice(0, 1)) : [];
  return {
    name: tag ? `${keyword} ${tag.text}` : keyword,
    at: tag?.start ?? tokenAt(tokens, at).start,
    members: keyword === 'enum' ? [] : readMembers(body),
    values: values.map(value => ({ name: value.text, at: value.start }))
  };
}

/** Adds what has a body; false when the declaration may name variables besides. */
function addBraced(source: CellSource, tokens: readonly Token[], brace: number, text: string): boolean {
  if (isFunctionHead(tokens, 0, brace)) {
    const one = readFunction(tokens, brace, text);
    if (one) source.functions.push(one);
    return true;
  }
  if (sectionOf(tokens) === '.maps') {
    const map = readMap(tokens, brace);
    if (map) source.maps.push(map);
    return true;
  }
  const record = readRecord(tokens, brace);
  if (record) source.records.push(record);
  return false;
}

function addDeclaration(source: CellSource, tokens: readonly Token[], text: string): void {
  const brace = tokens.findIndex(token => token.text === '{');
  if (brace >= 0 && addBraced(source, tokens, brace, text)) return;
  const isPrototype = brace < 0 && parametersAt(tokens) >= 0 && !tokens.some(token => token.text === '=');
  const declared = readDeclaration(tokens).filter(one => one.name !== '');
  if (tokens.some(token => token.text === 'typedef')) source.typedefs.push(...declared);
  else if (!isPrototype) source.globals.push(...declared);
}

const DEFINE = /^#\s*define\s+(([A-Za-z_]\w*)(\([^)]*\))?)\s*([\s\S]*)$/;

function addMacro(source: CellSource, token: Token): void {
  const [, , name, parameters = '', text = ''] = DEFINE.exec(token.text) ?? [];
  if (name === undefined) return;
  const at = token.start + token.text.indexOf(name, token.text.indexOf('define') + 6);
  source.macros.push({ name, parameters, text: text.trim(), at });
}

/**
 * Reads what a C text declares at its top level: functions with their SEC, maps, types, globals, macros. Texts that are
 * half typed give what can be told; no text makes it throw.
 */
export function readSource(text: string): CellSource {
  const tokens = readTokens(text);
  const source: CellSource = { functions: [], maps: [], records: [], typedefs: [], globals: [], macros: [] };
  for (const token of tokens) if (token.kind === 'directive') addMacro(source, token);
  for (const declaration of topLevel(tokens, text)) addDeclaration(source, declaration, text);
  return source;
}

/** The function whose body holds an offset, or whose head the offset is behind the SEC of; null outside of all. */
export function functionAt(source: CellSource, at: number): SourceFunction | null {
  return source.functions.find(one => at >= one.start && at <= one.bodyEnd) ?? null;
}
