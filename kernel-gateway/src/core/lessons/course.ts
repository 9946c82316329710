import type { LessonCell } from './lesson-source.js';

/** One lesson of an imported course. Paths are relative to the course's folder. */
export interface CourseLesson {
  id: string;
  title: string;
  group: string;
  /** Notebook by language. */
  notebooks: Record<string, string>;
  /** What the lesson says that it needs: a tutorial's `.config`. */
  needs: Record<string, string>;
}

/** `course.json` of an imported repository: its lessons in their order, and what the import wrote. */
export interface Course {
  version: 1;
  title: string;
  kind: string;
  repository: string;
  commit: string | null;
  license: string;
  lessons: CourseLesson[];
  /** Hash of each file that was copied, as it was copied: one that has another was changed by the learner. */
  files: Record<string, string>;
}

/** What became of a lesson's fences. `lostBytes`: bytes of its text that no cell has; 0 unless there is a fault. */
export interface LessonFigures {
  fences: number;
  listings: number;
  commands: number;
  lostBytes: number;
}

/** Counts cells against the text that they were made from. */
export function lessonFigures(
  pieces: readonly { kind: string; raw: string }[],
  cells: readonly LessonCell[]
): LessonFigures {
  const whole = pieces.reduce((sum, { raw }) => sum + raw.length, 0);
  const kept = cells.reduce(
    (sum, { source, origin }) => sum + (origin.role === 'prose' ? source.length : (origin.readme?.length ?? 0)),
    0
  );
  return {
    fences: pieces.filter(({ kind }) => kind === 'fence').length,
    listings: cells.filter(({ origin }) => origin.role === 'file' && origin.readme !== undefined).length,
    commands: cells.filter(({ origin }) => origin.role === 'command').length,
    lostBytes: whole - kept
  };
}

/** `KEY=value` lines of a lesson's `.config`. */
export function readNeeds(text: string): Record<string, string> {
  const lines = [...text.matchAll(/^([a-z_]{1,40})=(.{0,2000})$/gm)];
  return Object.fromEntries(lines.map(([, name, value]) => [name!, value!.trim()]));
}
