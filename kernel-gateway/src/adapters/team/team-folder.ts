import { copyFile, mkdir, readdir, readFile, realpath, rmdir, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { withEntry, type LogEntry } from '../../core/team/day-log.js';
import { newDiscussion } from '../../core/team/discussions.js';
import { personFolder } from '../../core/team/person-folder.js';
import { withInstructor } from '../../core/team/instructors.js';
import { withGantt } from '../../core/team/plan.js';
import {
  readProgress,
  withProgress,
  withReset,
  writeProgress,
  type LabProgress,
  type ProgressFile
} from '../../core/team/progress.js';
import { teamIndex, type TeamFile } from '../../core/team/team-index.js';
import {
  resetPath,
  withResetAnswer,
  withResetRequest,
  type NewResetRequest,
  type ResetRequest
} from '../../core/team/reset-requests.js';
import { readDecisions, withTodos } from '../../core/team/todo-list.js';
import { peopleOf } from '../../core/team/weekly-report.js';
import { LabError } from '../../protocol/index.js';
import { readTextIfThere, writeFileAtomic } from '../jupyter/state/atomic-file.js';

/** Larger files are not the team's notes. */
const MAX_BYTES = 2 * 1024 * 1024;
const GENERATED = '<!-- Made by bpflab';
/** Files that several clones write are joined line by line; what is generated is made anew afterwards. */
const ATTRIBUTES = [
  '# Made by bpflab: clones that are merged never conflict here.',
  'index/*.md merge=union',
  'reports/*.md merge=union',
  'discussions/*.md merge=union',
  'resets/*.md merge=union',
  'instructors.md merge=union',
  'todo/*.md merge=union',
  'people/*/progress.md merge=union',
  'people/*/log/*.md merge=union'
];

/** A lock that stays so long was left by a process that is gone. */
const LOCK_MS = 5000;
const LOCK_LOOK_MS = 20;

/** The folder `team/` of a workspace. Writes come one after the other, also those of several gateways. */
export class TeamFolder {
  readonly #root: string;
  #queue: Promise<unknown> = Promise.resolve();

  /** `workspace`: absolute path of the folder that `team/` is in. */
  constructor(workspace: string) {
    this.#root = join(workspace, 'team');
  }

  /** All Markdown files of the team, sorted by path; links and what is too large are left out. */
  async files(): Promise<TeamFile[]> {
    const entries = await readdir(this.#root, { withFileTypes: true, recursive: true }).catch(() => []);
    const paths = entries
      .filter(entry => entry.isFile() && entry.name.endsWith('.md'))
      .map(entry => join(entry.parentPath, entry.name))
      .sort();
    const files = await Promise.all(
      paths.map(async path => {
        const { size } = await stat(path);
        const name = path
          .slice(this.#root.length + 1)
          .split(sep)
          .join('/');
        return size > MAX_BYTES ? [] : [{ path: name, text: await readFile(path, 'utf8') }];
      })
    );
    return files.flat();
  }

  /** Whether the person has a folder: without one nothing is written about them. */
  async hasPerson(person: string): Promise<boolean> {
    const found = await stat(join(this.#root, 'people', mustBeFolder(person))).catch(() => null);
    return found?.isDirectory() === true;
  }

  /** Begins a person's folder. */
  async join(person: string): Promise<void> {
    const path = `people/${mustBeFolder(person)}/progress.md`;
    await this.#change(path, text => text ?? writeProgress({ person: mustBeFolder(person), labs: [], rest: [] }));
  }

  /** Adds an entry to a person's day. */
  async addEntry(person: string, date: string, entry: LogEntry): Promise<string> {
    const folder = mustBeFolder(person);
    const path = `people/${folder}/log/${date}.md`;
    await this.#change(path, text => withEntry(text, { date, person: folder }, entry));
    return `team/${path}`;
  }

  /** Puts what a person has reached in a lab into their file. */
  async addProgress(person: string, progress: Omit<LabProgress, 'resets'>): Promise<void> {
    const folder = mustBeFolder(person);
    await this.#change(`people/${folder}/progress.md`, text => {
      const file = readProgress(text ?? '');
      return writeProgress(withProgress({ ...file, person: file.person || folder }, progress));
    });
  }

  /** Asks people to begin a lab anew; gives the file's path, relative to the workspace. */
  async askReset(request: NewResetRequest): Promise<string> {
    const people = request.people.map(mustBeFolder);
    await this.#change(resetPath(request), before => withResetRequest(before, { ...request, people }));
    return `team/${resetPath(request)}`;
  }

  /** A person's answer to such a request; one who begins anew has nothing of the lab reached from then on. */
  async answerReset(
    request: ResetRequest,
    person: string,
    { begun, day }: { begun: boolean; day: string }
  ): Promise<void> {
    const folder = mustBeFolder(person);
    if (begun) {
      const anew = { day, asked: request.by };
      await this.edit(`people/${folder}/progress.md`, text =>
        writeProgress(withReset(readProgress(text), request.lab, anew))
      );
    }
    await this.edit(request.path, text => withResetAnswer(text, folder, begun ? 'begun' : 'kept'));
  }

  /** Makes a person an instructor, or no longer one. */
  async teach(person: string, teaches: boolean): Promise<void> {
    const folder = mustBeFolder(person);
    await this.#change('instructors.md', text => withInstructor(text, folder, teaches));
  }

  /** Changes a file of the team that is there, such as a to-do list. */
  async edit(path: string, change: (text: string) => string): Promise<void> {
    await this.#change(path, text => (text === null ? null : change(text)));
  }

  /** Begins a discussion; gives its path, relative to the workspace. */
  async discuss(start: Parameters<typeof newDiscussion>[1]): Promise<string> {
    const { path, text } = newDiscussion(await this.files(), start);
    await this.#change(path, before => before ?? text);
    return `team/${path}`;
  }

  /** Adds tasks to a person's list, those that it does not have yet. */
  async addTodos(person: string, tasks: readonly string[], from: string): Promise<boolean> {
    const folder = mustBeFolder(person);
    const todos = tasks.map(text => ({ text, done: false, from }));
    return this.#change(`todo/todo-${folder}.md`, list => withTodos(list, folder, todos));
  }

  /** Everyone's progress, by the names of their folders. */
  async progress(): Promise<ProgressFile[]> {
    const files = await this.files();
    return peopleOf(files).map(person => {
      const text = files.find(file => file.path === `people/${person}/progress.md`)?.text ?? '';
      return { ...readProgress(text), person };
    });
  }

  /** Fills to-dos from meetings, draws the plan's chart and makes both indexes; gives the paths that were written. */
  async refresh(today: string): Promise<string[]> {
    const written: string[] = [];
    const files = await this.files();
    for (const { path, text } of files.filter(file => /^meetings\/[^/]+\.md$/.test(file.path))) {
      for (const { who, text: task } of readDecisions(text)) {
        const folder = personFolder(who);
        if (folder === null || /^name$/i.test(folder)) continue;
        const todo = `todo/todo-${folder}.md`;
        const isChanged = await this.#change(todo, list =>
          withTodos(list, folder, [{ text: task, done: false, from: path }])
        );
        if (isChanged) written.push(todo);
      }
    }
    const progress = await this.progress();
    const hasPlan = await this.#change('plan.md', text => (text === null ? null : withGantt(text, progress, today)));
    if (hasPlan) written.push('plan.md');
    for (const [name, text] of teamIndex(await this.files())) {
      if (await this.writeGenerated(`index/${name}`, text)) written.push(`index/${name}`);
    }
    return [...new Set(written)].map(path => `team/${path}`);
  }

  /** Replaces a generated file; one that somebody wrote by hand is kept beside it as a copy. */
  async writeGenerated(path: string, text: string): Promise<boolean> {
    return this.#change(path, async before => {
      if (before !== null && !before.includes(GENERATED)) {
        const file = join(this.#root, path);
        await copyFile(file, `${file}.by-hand-${Date.now()}.md`);
      }
      return text;
    });
  }

  /** Whether the file was changed; `change` gives null to leave it alone. */
  #change(path: string, change: (text: string | null) => string | null | Promise<string | null>): Promise<boolean> {
    const done = this.#queue.then(() => this.#alone(() => this.#write(path, change)));
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /** While the work goes on no other process changes the team's files. */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    // Without the folder there is no lock in it, and the first writers would not see each other.
    const made = await mkdir(this.#root, { recursive: true }).catch(() => undefined);
    const lock = join(this.#root, '.lock');
    const isOurs = await this.#takeLock(lock);
    try {
      return await work();
    } finally {
      if (isOurs) await rmdir(lock).catch(() => undefined);
      // Still empty when nothing was written.
      if (made !== undefined) await rmdir(this.#root).catch(() => undefined);
    }
  }

  /** Waits for other writers; false where nobody can write, which the work itself says. */
  async #takeLock(lock: string): Promise<boolean> {
    let seen = '';
    let sinceMs = performance.now();
    for (;;) {
      // One who wrote nothing may have taken the folder away.
      const code = await mkdir(this.#root, { recursive: true })
        .then(() => mkdir(lock))
        .then(
          () => '',
          (error: NodeJS.ErrnoException) => (error.path === lock ? error.code : 'none')
        );
      if (code === '') return true;
      if (code !== 'EEXIST' && code !== 'ENOENT') return false;
      const now = await stat(lock).then(
        ({ ino, ctimeMs }) => `${ino} ${ctimeMs}`,
        () => ''
      );
      if (now !== seen) [seen, sinceMs] = [now, performance.now()];
      else if (performance.now() - sinceMs > LOCK_MS) {
        // The same one all the time: its owner is gone. What cannot go is no lock of ours.
        const isGone = await rmdir(lock).then(
          () => true,
          (error: NodeJS.ErrnoException) => error.code === 'ENOENT'
        );
        if (!isGone) return false;
      }
      await new Promise(resolve => setTimeout(resolve, LOCK_LOOK_MS));
    }
  }

  async #write(
    path: string,
    change: (text: string | null) => string | null | Promise<string | null>
  ): Promise<boolean> {
    const file = join(this.#root, path);
    try {
      const before = await readTextIfThere(file);
      const after = await change(before);
      if (after === null || after === before) return false;
      await mkdir(dirname(file), { recursive: true });
      await this.#mustBeWithin(dirname(file), path);
      await this.#attributes();
      await writeFileAtomic(file, after);
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (error instanceof LabError || code === undefined) throw error;
      throw new LabError('BPFLAB_TEAM_WRITE', `team/${path} was not written — ${code}.`, { cause: error });
    }
  }

  /** A link must not lead writes out of the workspace. */
  async #mustBeWithin(folder: string, path: string): Promise<void> {
    const [real, root] = await Promise.all([realpath(folder), realpath(dirname(this.#root))]);
    if (real !== root && !real.startsWith(`${root}${sep}`)) {
      throw new LabError('BPFLAB_TEAM_WRITE', `team/${path} was not written — a link leads out of the workspace.`);
    }
  }

  async #attributes(): Promise<void> {
    const file = join(this.#root, '.gitattributes');
    const before = await readTextIfThere(file);
    const missing = ATTRIBUTES.filter(line => before?.includes(line) !== true);
    // One that is there may be of an older bpflab, or somebody's own.
    if (missing.length > 0) await writeFileAtomic(file, `${before ?? ''}${missing.join('\n')}\n`);
  }
}

function mustBeFolder(person: string): string {
  const folder = personFolder(person);
  if (folder === null)
    throw new LabError('BPFLAB_TEAM_PERSON', `"${person.slice(0, 60)}" cannot be the name of a folder.`);
  return folder;
}
