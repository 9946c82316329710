/** What a look at the state of a session found, for one check; a sentence is made of it in the reader's language. */
export type Seen =
  | { kind: 'no-target' }
  | { kind: 'no-program' }
  /** Programs of the session that were found instead, or that match and have not run often enough. */
  | { kind: 'programs'; found: string[] }
  | { kind: 'too-few-runs'; program: string; runs: string }
  | { kind: 'program'; program: string; runs: string }
  | { kind: 'no-view'; name: string; known: string[] }
  | { kind: 'bad-expression'; message: string }
  | { kind: 'rows'; name: string; count: number; total: string; filtered: boolean }
  | { kind: 'no-file'; path: string }
  | { kind: 'file'; path: string; text: string }
  | { kind: 'not-run'; cell: string }
  | { kind: 'ended'; cell: string; ended: string }
  | { kind: 'text'; text: string }
  | { kind: 'command'; status: string; text: string }
  | { kind: 'bad-pattern'; pattern: string };

type Words = { [K in Seen['kind']]: (seen: Extract<Seen, { kind: K }>) => string };

/** Longest quotation of what was seen. */
const MAX_QUOTED = 200;
const quoted = (text: string): string => {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length > MAX_QUOTED ? `${line.slice(0, MAX_QUOTED)}…` : line;
};

const english: Words = {
  'no-target': () => 'Nothing runs yet: there is no target.',
  'no-program': () => 'No program of yours is loaded now.',
  programs: ({ found }) => `Loaded now: ${found.join('; ')}.`,
  'too-few-runs': ({ program, runs }) => `${program} has run ${runs} times.`,
  program: ({ program, runs }) => `${program}, run ${runs} times.`,
  'no-view': ({ name, known }) =>
    known.length === 0
      ? `There is no "${name}": nothing shows data yet.`
      : `There is no "${name}"; there is ${known.join(', ')}.`,
  'bad-expression': ({ message }) => `The condition does not fit the data: ${message}`,
  rows: ({ name, count, total, filtered }) =>
    filtered ? `${name} has ${total} rows, ${count} of them as wanted.` : `${name} has ${count} rows.`,
  'no-file': ({ path }) => `There is no file ${path}.`,
  file: ({ path, text }) => (text.trim() === '' ? `${path} is empty.` : `${path} has: ${quoted(text)}`),
  'not-run': ({ cell }) => `The cell "${cell}" was not run yet.`,
  ended: ({ cell, ended }) => `The cell "${cell}" ended with ${ended}.`,
  text: ({ text }) => (text.trim() === '' ? 'It printed nothing.' : `It printed: ${quoted(text)}`),
  command: ({ status, text }) => `The command ended with ${status}${text.trim() === '' ? '.' : `: ${quoted(text)}`}`,
  'bad-pattern': ({ pattern }) => `The lab's pattern ${pattern} cannot be read.`
};

const chinese: Words = {
  'no-target': () => '还没有目标，什么都没有运行。',
  'no-program': () => '现在没有加载你的程序。',
  programs: ({ found }) => `现在加载的有：${found.join('；')}。`,
  'too-few-runs': ({ program, runs }) => `${program} 运行了 ${runs} 次。`,
  program: ({ program, runs }) => `${program}，运行了 ${runs} 次。`,
  'no-view': ({ name, known }) =>
    known.length === 0 ? `没有“${name}”：还没有任何数据。` : `没有“${name}”，有的是 ${known.join('、')}。`,
  'bad-expression': ({ message }) => `条件与数据不符：${message}`,
  rows: ({ name, count, total, filtered }) =>
    filtered ? `${name} 有 ${total} 行，其中 ${count} 行符合要求。` : `${name} 有 ${count} 行。`,
  'no-file': ({ path }) => `没有文件 ${path}。`,
  file: ({ path, text }) => (text.trim() === '' ? `${path} 是空的。` : `${path} 的内容：${quoted(text)}`),
  'not-run': ({ cell }) => `单元“${cell}”还没有运行。`,
  ended: ({ cell, ended }) => `单元“${cell}”以 ${ended} 结束。`,
  text: ({ text }) => (text.trim() === '' ? '它什么都没有输出。' : `它输出了：${quoted(text)}`),
  command: ({ status, text }) => `命令以 ${status} 结束${text.trim() === '' ? '。' : `：${quoted(text)}`}`,
  'bad-pattern': ({ pattern }) => `实验里的模式 ${pattern} 无法读取。`
};

/** One sentence of what was seen, in Chinese for a language that begins with `zh`, else in English. */
export function seenText(seen: Seen, language: string): string {
  const words = language.startsWith('zh') ? chinese : english;
  return (words[seen.kind] as (one: Seen) => string)(seen);
}
