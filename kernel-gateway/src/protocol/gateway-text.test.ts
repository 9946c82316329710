import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { nameLack } from '../core/session/kernel-names.js';
import { errorTable } from './error-table.js';
import { gatewayText } from './gateway-text.js';
import { agentTexts, filterTexts, noteTexts, refusalTexts, runTexts } from './gateway-text.table.js';
import { hintsZh } from './hint-zh.table.js';
import { preflightTexts } from './preflight-text.table.js';

const source = join(import.meta.dirname, '..');
/** Whose refusals come to users of a notebook; set-up, servers and other commands speak English in a terminal. */
const folders = [
  ...['core/cells', 'core/decode', 'core/filter', 'core/kernel', 'core/packet', 'core/pod-filter', 'core/session'],
  'core/store',
  ...[
    'adapters/agent',
    'adapters/lessons',
    'adapters/nodes',
    'adapters/session',
    'adapters/team',
    'adapters/toolchain',
    'adapters/vm'
  ]
];
/** Which say why a kernel does not run a program: clauses, which errors and the verdicts on lessons are made of. */
const judges = [
  ...['attach-type-lack', 'core-lack', 'kernel-type-lack', 'preflight', 'preflight-calls'].map(
    name => `core/session/${name}.ts`
  ),
  ...['best-verdict', 'lesson-needs', 'script-lack'].map(name => `core/lesson-runs/${name}.ts`),
  ...['lesson-builds', 'lesson-preflight'].map(name => `adapters/lesson-runs/${name}.ts`)
];
const HAN = /\p{Script=Han}/u;

/** Texts that an expression can be, with `%1` for what is filled in; none for what is made elsewhere. */
function textsOf(node: ts.Expression): string[] {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return [node.text];
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
  if (!ts.isTemplateExpression(node)) return [];
  return [node.head.text + node.templateSpans.map(({ literal }, at) => `%${at + 1}${literal.text}`).join('')];
}

/** Messages of the errors that a file raises, and of what it says against filters. */
function messagesOf(file: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const name = ts.isNewExpression(node) ? node.expression.getText() : '';
    const message = (node as ts.NewExpression).arguments?.[name === 'LabError' ? 1 : 0];
    if (message && (name === 'LabError' || name === 'ExpressionFault')) found.push(...textsOf(message));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  return found;
}

async function raised(): Promise<string[]> {
  const files = await Promise.all(
    folders.map(async folder => {
      const names = await readdir(join(source, folder), { recursive: true });
      return names.filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts')).map(name => join(folder, name));
    })
  );
  const texts = await Promise.all(
    files.flat().map(async file => {
      const text = await readFile(join(source, file), 'utf8');
      return /(LabError|ExpressionFault)\(/.test(text) ? messagesOf(file, text) : [];
    })
  );
  // A text that is all filled in has its words elsewhere.
  return [...new Set(texts.flat())].filter(text => /[a-z]/i.test(text.replace(/%\d/g, '')));
}

/** Clauses that a file says of a kernel or a program, each without the guess that may end it. */
function clausesOf(file: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isExpression(node)) {
      const said = textsOf(node).map(text => text.replace(/"%\d$/, '"'));
      found.push(
        ...said.filter(text => /^(its? |the (lesson|compiler) |no target |cannot, |runs|not known)/.test(text))
      );
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  return found;
}

const rows = `${refusalTexts}${agentTexts}${filterTexts}${runTexts}${noteTexts}${preflightTexts}`
  .split('\n')
  .filter(line => line !== '')
  .map(line => line.split(' => '));
const placeholders = (text: string): string[] => (text.match(/%\d/g) ?? []).sort();
/** Something that a text can be filled with and that no text of the table is. */
const fill = (text: string): string => text.replace(/%(\d)/g, (_, at) => `x${at}`);

describe('gatewayText', () => {
  it('has both languages of a text in a line, with the same places to fill in', () => {
    for (const [english, chinese, more] of rows) {
      expect([english, chinese !== undefined && HAN.test(chinese), more]).toEqual([english, true, undefined]);
      expect([english, placeholders(chinese!)]).toEqual([english, placeholders(english!)]);
    }
    expect(new Set(rows.map(([english]) => english)).size).toBe(rows.length);
  });

  it('knows the next step of every error', () => {
    const codes = Object.keys(errorTable);
    expect(codes.filter(code => !HAN.test(hintsZh[code] ?? ''))).toEqual([]);
    expect(gatewayText(errorTable.BPFLAB_MAP_UNKNOWN.hint, 'zh_CN')).toBe(hintsZh['BPFLAB_MAP_UNKNOWN']);
  });

  it('knows every sentence that the session refuses with', async () => {
    const messages = await raised();
    expect(messages.length).toBeGreaterThan(120);
    expect(messages.filter(text => !HAN.test(gatewayText(fill(text), 'zh_CN')))).toEqual([]);
  });

  it('knows every clause that says why a kernel does not run a program', async () => {
    const files = await Promise.all(
      judges.map(async file => clausesOf(file, await readFile(join(source, file), 'utf8')))
    );
    const clauses = [...new Set(files.flat())];
    expect(clauses.length).toBeGreaterThan(20);
    const unknown = clauses.filter(text => !HAN.test(gatewayText(fill(text), 'zh_CN')));
    expect(unknown).toEqual([]);
  });

  it('says where a lesson runs, down to the name that is missing', () => {
    expect(
      gatewayText(
        'runs on kernel 7.3.4; here not, because Linux 6.12 cannot run SEC("tp/sched/x") of "f" — it has no tracepoint "x" among the 24 of "sched"; is it "y"',
        'zh_CN'
      )
    ).toBe(
      '可在内核 7.3.4 上运行；此处不行：Linux 6.12 无法运行 “f”的 SEC("tp/sched/x")：“sched”的 24 个跟踪点中没有“x”；是否指“y”'
    );
    const names = { has: () => false, from: () => ['bpf_lsm_file_open', 'file_open', '__x64_sys_file_open'] };
    for (const what of [
      'function',
      'LSM hook',
      'system call',
      'tracepoint',
      'function that programs may call',
      'operations'
    ]) {
      for (const name of ['file_opem', 'q']) {
        const lack = nameLack(names, { kind: 'function', what, name })!;
        expect(gatewayText(lack, 'zh_CN')).toMatch(/^它没有.*“[^"]*”$/);
      }
    }
  });

  it('fills in what was filled in, and what is a text of the table in Chinese too', () => {
    expect(gatewayText('only the first 1000000 entries are read', 'zh-CN')).toBe('只读取前 1000000 个条目');
    expect(gatewayText('The session has no view "a $& %1 \n b" any more.', 'zh')).toBe(
      '会话中已没有视图“a $& %1 \n b”。'
    );
    expect(gatewayText('pid: The value "x" cannot be used: it is no number.', 'zh_CN')).toBe(
      'pid：不能使用值“x”：它不是数字。'
    );
    expect(gatewayText('There is no column "pidd". Did you mean pid?', 'zh_CN')).toBe('没有列“pidd”。是否指 pid？');
    expect(gatewayText('Cannot read map "q": it is a buffer of events; subscribe to it.', 'zh_CN')).toBe(
      '无法读取映射“q”：它是事件缓冲区；请订阅它。'
    );
  });

  it('says where a program was refused, in the words of the verifier and of the compiler', () => {
    const refused = (where: string): string =>
      gatewayText(`The verifier rejected "on": R0 invalid mem access 'scalar'${where}.`, 'zh_CN');
    expect(refused(' at instruction 8 (your line 11)')).toBe(
      "验证器拒绝了“on”：R0 invalid mem access 'scalar'（指令 8，您的第 11 行）。"
    );
    expect(refused(' at instruction 8 (a.h, line 2)')).toContain('（指令 8，a.h 第 2 行）');
    expect(refused('')).toBe("验证器拒绝了“on”：R0 invalid mem access 'scalar'。");
    expect(gatewayText("2 errors: expected ';'", 'zh_CN')).toBe("2 个错误：expected ';'");
  });

  it.each(['en', 'default', 'de_DE'])(
    'leaves all as it is for %s, and what it does not know for everybody',
    language => {
      expect(gatewayText('not all entries are read', language)).toBe('not all entries are read');
      expect(gatewayText('Permission denied', 'zh_CN')).toBe('Permission denied');
    }
  );
});
