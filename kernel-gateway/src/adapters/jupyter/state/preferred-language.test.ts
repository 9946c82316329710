import fc from 'fast-check';
import { expect, it } from 'vitest';
import { preferredLanguage } from './preferred-language.js';

const offered = ['en', 'zh_CN'];

it.each([
  ['zh-CN,zh;q=0.9,en;q=0.8', 'zh_CN'],
  ['zh', 'zh_CN'],
  ['zh-TW, en;q=0.5', 'zh_CN'],
  ['en-GB,en;q=0.9,zh;q=0.8', 'en'],
  ['en;q=0.3, zh-cn;q=0.7', 'zh_CN'],
  ['de, fr;q=0.9, zh;q=0.1', 'zh_CN'],
  ['de', null],
  ['zh;q=0', null],
  ['', null],
  ['*', null]
])('%j is answered in %s', (header, language) => {
  expect(preferredLanguage(header, offered)).toBe(language);
});

it('takes any header', () => {
  fc.assert(fc.property(fc.string(), header => [...offered, null].includes(preferredLanguage(header, offered))));
});
