/** Sentences that the importer adds to a lesson, in the languages of lessons. Markdown. */
export interface LessonTexts {
  files: string;
  differs: string;
  wholeMachine: string;
  useVm: string;
  follows: string;
  upstream: string;
  removed: string;
  changed: string;
  /** Head of the table of files and licences. */
  table: string;
  notStated: string;
  noCommit: string;
}

const texts: Readonly<Record<'en' | 'zh', LessonTexts>> = {
  en: {
    files: '## Files of this lesson',
    differs: "The README's listing differs from the file, whose text is used here",
    wholeMachine: 'This acts on the whole machine.',
    useVm: 'Run it in the virtual machine, which is yours alone: `%target vm`.',
    follows: 'What the annotations say:',
    upstream:
      'The lesson changed here since the import, and so did you: your text was kept. What changed in the lesson',
    removed: 'no longer part of the lesson, kept because you changed it or ran it',
    changed: 'What this import changed',
    table: '| file | licence |',
    notStated: 'not stated',
    noCommit: 'no commit'
  },
  zh: {
    files: '## 本课的文件',
    differs: 'README 中的代码与文件不同，这里使用文件的内容',
    wholeMachine: '这会影响整台机器。',
    useVm: '请在只属于您的虚拟机中运行：`%target vm`。',
    follows: '注解的含义：',
    upstream: '导入之后课程在此处有改动，您也有改动：保留了您的文本。课程的改动',
    removed: '已不属于本课，因您修改或运行过而保留',
    changed: '本次导入的改动',
    table: '| 文件 | 许可证 |',
    notStated: '未注明',
    noCommit: '无提交'
  }
};

/** The sentences in a lesson's language; English for any other than Chinese. */
export const lessonTexts = (language: string): LessonTexts => texts[language.startsWith('zh') ? 'zh' : 'en'];

/** A fence around text that may have fences in it. */
export function fenced(info: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${info}\n${text}\n${fence}`;
}

/** A fold of the page: `summary` is one click away from `text`. */
export const folded = (summary: string, text: string): string =>
  `<details><summary>${summary}</summary>\n\n${text}\n\n</details>`;
