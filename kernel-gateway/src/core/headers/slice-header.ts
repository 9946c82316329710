/**
 * Cuts a vmlinux.h down to what one program can see of it. A program reaches a type only through a name in its own text:
 * a tag, a typedef, an enumerator, a function, or a member (through a pointer). So a declaration is kept when its name is
 * written in the program, when a kept declaration holds it by value, or when a kept pointer member that leads to it has a
 * name that is written. Other pointers lead to types that are only declared. Layouts, and therefore CO-RE relocations, are
 * those of the whole header; the debug information of a task_struct shrinks from 10,000 types to a few hundred, which is
 * what makes a compile quick. Where names are made by ## in macros a cut may miss a type: then the compile fails, and the
 * caller takes the whole header.
 */
import type { HeaderIndex } from './header-index.js';

/** How much of a type is needed: its name, its layout, or (typedefs) also what it points to. */
type Need = 1 | 2 | 3;
const DECLARED: Need = 1;
const COMPLETE: Need = 2;
const DEEP: Need = 3;

const TOKEN = /[A-Za-z_]\w*|[{}();*[]/g;
const ATTRIBUTE = /__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)/g;
const TAG_KEYWORD = new Set(['struct', 'union', 'enum']);

/** One member (or the whole of a typedef or prototype): the types it names, its other words, and whether it is a pointer. */
interface Statement {
  tags: string[];
  enums: string[];
  typedefs: string[];
  words: string[];
  indirect: boolean;
  array: boolean;
}

const emptyStatement = (): Statement => ({
  tags: [],
  enums: [],
  typedefs: [],
  words: [],
  indirect: false,
  array: false
});

class Slice {
  readonly #index: HeaderIndex;
  readonly #mentioned: ReadonlySet<string>;
  readonly #levels = new Map<number, Need>();
  readonly #forwards = new Set<string>();
  readonly #queue: number[] = [];

  constructor(index: HeaderIndex, mentioned: ReadonlySet<string>) {
    this.#index = index;
    this.#mentioned = mentioned;
  }

  build(): string {
    for (const name of this.#mentioned) {
      this.#need(this.#index.tags.get(name), DEEP);
      this.#need(this.#index.typedefs.get(name), DEEP);
      this.#need(this.#index.values.get(name), DEEP);
    }
    for (let number = this.#queue.pop(); number !== undefined; number = this.#queue.pop()) this.#expand(number);
    return this.#write();
  }

  #need(number: number | undefined, level: Need): void {
    if (number === undefined || (this.#levels.get(number) ?? 0) >= level) return;
    this.#levels.set(number, level);
    this.#queue.push(number);
  }

  #expand(number: number): void {
    const { text, starts, ends, kinds } = this.#index;
    const kind = kinds[number];
    if (kind === 'enum') return;
    const level = this.#levels.get(number) ?? DECLARED;
    const body = text.slice(starts[number], ends[number]).replaceAll(ATTRIBUTE, '');
    const isRecord = kind === 'record' || body.includes('{');
    for (const statement of this.#statements(body)) {
      if (isRecord) this.#needMember(statement);
      else if (kind === 'typedef') this.#needTarget(statement, level);
      else this.#needAll(statement, level === DEEP ? DEEP : DECLARED);
    }
  }

  /** A member: whole by value; behind a pointer only when the program writes the member's name. */
  #needMember(statement: Statement): void {
    const followed = !statement.indirect || statement.words.some(word => this.#mentioned.has(word));
    this.#needAll(statement, followed ? COMPLETE : DECLARED);
  }

  #needTarget(statement: Statement, level: Need): void {
    if (level === DEEP) this.#needAll(statement, DEEP);
    else if (statement.indirect) this.#needAll(statement, DECLARED);
    else this.#needAll(statement, statement.array ? COMPLETE : level);
  }

  #needAll(statement: Statement, level: Need): void {
    const { tags, typedefs } = this.#index;
    for (const tag of statement.tags) {
      this.#forwards.add(tag);
      if (level >= COMPLETE) this.#need(tags.get(tag.slice(tag.indexOf(' ') + 1)), COMPLETE);
    }
    for (const tag of statement.enums) {
      if (tags.has(tag)) this.#need(tags.get(tag), COMPLETE);
      else this.#forwards.add(`enum ${tag}`);
    }
    for (const name of statement.typedefs) this.#need(typedefs.get(name), level);
  }

  #statements(body: string): Statement[] {
    const statements: Statement[] = [];
    let statement = emptyStatement();
    let keyword = '';
    for (const [token] of body.matchAll(TOKEN)) {
      if (token === ';' || token === '{' || token === '}') {
        statements.push(statement);
        statement = emptyStatement();
        keyword = '';
      } else if (TAG_KEYWORD.has(token)) {
        keyword = token;
      } else {
        this.#addToken(statement, token, keyword);
        keyword = '';
      }
    }
    return statements;
  }

  #addToken(statement: Statement, token: string, keyword: string): void {
    if (token === '*' || token === '(') statement.indirect = true;
    else if (token === '[') statement.array = true;
    else if (keyword === 'enum') statement.enums.push(token);
    else if (keyword) statement.tags.push(`${keyword} ${token}`);
    else if (token !== ')') {
      if (this.#index.typedefs.has(token)) statement.typedefs.push(token);
      statement.words.push(token);
    }
  }

  /** In the header's order, which is right for by-value use; forward declarations before the first declaration. */
  #write(): string {
    const { text, starts, ends, kinds } = this.#index;
    const parts: string[] = [];
    let forwardsWritten = false;
    for (let number = 0; number < starts.length; number++) {
      const isDirective = kinds[number] === 'directive';
      if (!isDirective && !forwardsWritten) {
        forwardsWritten = true;
        for (const tag of this.#forwards) parts.push(`${tag};\n`);
      }
      if (isDirective || this.#levels.has(number)) parts.push(text.slice(starts[number], ends[number]));
    }
    return parts.join('');
  }
}

/**
 * Cuts a header, see the file's head.
 *
 * @param index - of the whole header
 * @param mentioned - every identifier of the program and of the headers it includes, see `addIdentifiers`
 * @returns C text that stands for the whole header
 */
export function sliceHeader(index: HeaderIndex, mentioned: ReadonlySet<string>): string {
  return new Slice(index, mentioned).build();
}
