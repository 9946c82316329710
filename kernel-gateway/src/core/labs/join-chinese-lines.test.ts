import fc from 'fast-check';
import { expect, it } from 'vitest';
import { joinChineseLines } from './join-chinese-lines.js';

it.each([
  ['内核是真的：\n它在运行。', '内核是真的：它在运行。'],
  ['- 第一点很长，\n  到下一行\n- 第二点', '- 第一点很长，到下一行\n- 第二点'],
  ['一段\n\n另一段', '一段\n\n另一段'],
  ['# 标题\n正文', '# 标题\n正文'],
  ['| 表 |\n| 格 |', '| 表 |\n| 格 |'],
  ['一个程序\neBPF 运行', '一个程序\neBPF 运行'],
  ['```\n注释\n注释\n```\n正文\n正文', '```\n注释\n注释\n```\n正文正文'],
  ['An English text\nstays.', 'An English text\nstays.']
])('%j is %j', (text, joined) => {
  expect(joinChineseLines(text)).toBe(joined);
});

it('loses nothing but white space', () => {
  const text = fc.array(fc.constantFrom('# ', '中', '，', 'a', ' ', '\n', '```', '| '), { maxLength: 40 });
  const bare = (markdown: string): string => markdown.replaceAll(/\s/g, '');
  fc.assert(fc.property(text, parts => bare(joinChineseLines(parts.join(''))) === bare(parts.join(''))));
});
