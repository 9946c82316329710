/** Languages of a published page's own words; the notebook's text is what its author wrote. */
export type PageLanguage = 'en' | 'zh';

const words = {
  table: { en: 'Table', zh: '表格' },
  stack: { en: 'Stack', zh: '调用栈' },
  share: { en: 'Share', zh: '占比' },
  range: { en: 'Range', zh: '区间' },
  count: { en: 'Count', zh: '计数' },
  log: { en: "The verifier's log, whole", zh: '完整的验证器日志' },
  source: { en: 'Source of the cell', zh: '单元格源码' },
  packets: { en: 'Packet', zh: '数据包' },
  verdict: { en: 'Verdict', zh: '结果' },
  expected: { en: 'Expected', zh: '期望' },
  duration: { en: 'Time of a run', zh: '单次耗时' },
  previous: { en: 'Previous slide', zh: '上一页' },
  next: { en: 'Next slide', zh: '下一页' },
  newest: { en: '%1 of %2 rows, the newest', zh: '最新的 %1 行，共 %2 行' },
  rows: { en: '%1 rows', zh: '共 %1 行' },
  total: { en: '%1 %2 in all', zh: '共 %1 %2' },
  lost: { en: 'lost in the kernel: %1, in the agent: %2', zh: '内核中丢失：%1，代理中丢失：%2' },
  'lost unknown': {
    en: 'what the kernel lost is not known, lost in the agent: %2',
    zh: '内核丢失数未知，代理中丢失：%2'
  }
} as const satisfies Record<string, Record<PageLanguage, string>>;

/** A word or sentence of the page; `%1`, `%2` are replaced. */
export function pageWord(language: PageLanguage, name: keyof typeof words, ...values: string[]): string {
  return words[name][language].replace(/%(\d)/g, (_, index: string) => values[Number(index) - 1] ?? '');
}
