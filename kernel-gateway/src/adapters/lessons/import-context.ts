import type { LessonFigures } from '../../core/lessons/course.js';
import type { Provenance } from '../../core/lessons/lesson-source.js';
import type { MergeReport } from '../../core/lessons/merge-notebook.js';
import type { LessonPlan } from '../../core/lessons/plan-lessons.js';
import type { LessonClone } from './lesson-clone.js';

/** What is imported. `into` is the absolute folder of the course; `only` is a lesson's name, or empty for all. */
export interface ImportRequest {
  source: string;
  into: string;
  language: 'en' | 'zh' | 'both';
  only: string;
  /** Version of bpflab. */
  version: string;
  /** ISO day. */
  today: string;
}

/** One lesson that was imported. `change` is null for a notebook that was not there before. */
export interface ImportedLesson {
  id: string;
  title: string;
  notebooks: Record<string, string>;
  figures: Record<string, LessonFigures>;
  change: MergeReport | null;
}

/** What all lessons of one import share. */
export interface ImportContext {
  request: ImportRequest;
  clone: LessonClone;
  provenance: Provenance;
  /** `owner/name`, where the address says it. */
  repository: string;
  plans: readonly LessonPlan[];
}
