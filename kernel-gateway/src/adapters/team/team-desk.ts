import type { Session } from '../../core/session/ports.js';
import { helpFirst } from '../../core/team/help-first.js';
import { readDiscussions, withState } from '../../core/team/discussions.js';
import { personFolder } from '../../core/team/person-folder.js';
import { isStuck } from '../../core/team/progress-table.js';
import type { LabProgress } from '../../core/team/progress.js';
import { searchTeam } from '../../core/team/team-index.js';
import { readTodos, withTick } from '../../core/team/todo-list.js';
import { daysOf, weekOf } from '../../core/team/week.js';
import { hasUpdate, peopleOf, weeklyReport } from '../../core/team/weekly-report.js';
import {
  LabError,
  type LabState,
  type TeamCommand,
  type TeamDone,
  type TeamFound,
  type TeamProposal,
  type TeamState
} from '../../protocol/index.js';
import { commitFile, commitsOf, currentPerson } from './git.js';
import { TeamFolder } from './team-folder.js';
import { TeamResets, type SetLabAside } from './team-resets.js';

const MAX_PROPOSALS = 100;
const two = (value: number): string => String(value).padStart(2, '0');

/** The day `2026-11-23` of a moment, where the machine is. */
export const dayOf = (now: Date): string => `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
/** The time `14:05` of a moment, where the machine is. */
export const timeOf = (now: Date): string => `${two(now.getHours())}:${two(now.getMinutes())}`;

/** The team's files of a server: who works here, what their labs come to, what could go into their log. */
export class TeamDesk {
  readonly #workspace: string;
  readonly #folder: TeamFolder;
  readonly #resets: TeamResets;
  readonly #passed = new Map<string, Set<string>>();
  readonly #written = new Map<string, string>();
  #proposals: TeamProposal[] = [];
  #nextProposal = 1;
  #person: string | null = null;

  constructor(workspace: string, setAside: SetLabAside) {
    this.#workspace = workspace;
    this.#folder = new TeamFolder(workspace);
    this.#resets = new TeamResets(this.#folder, setAside);
  }

  /** Hears of the lab of a session from now on. */
  follow(session: Session): void {
    session.onLabState(state => void this.#record(state).catch(() => undefined));
  }

  async state(): Promise<TeamState> {
    const person = await this.#who();
    const files = await this.#folder.files();
    const today = dayOf(new Date());
    const week = weekOf(today);
    const days = daysOf(week) ?? [];
    const progress = await this.#folder.progress();
    const people = peopleOf(files.filter(file => file.path.startsWith('people/'))).map(name => ({
      person: name,
      quiet: !hasUpdate(files, name, days),
      labs: (progress.find(file => file.person === name)?.labs ?? []).map(one => ({
        ...one,
        passed: one.passed.length,
        stuck: isStuck({ ...one, passed: one.passed.length }, today)
      }))
    }));
    const todos = readTodos(files.find(file => file.path === `todo/todo-${person}.md`)?.text ?? '');
    return {
      person,
      joined: person !== '' && (await this.#folder.hasPerson(person)),
      people: helpFirst(people),
      proposals: this.#proposals,
      todos: todos.map(({ text, done }) => ({ text, done })),
      discussions: readDiscussions(files).map(({ path, title, isOpen, about }) => ({
        path,
        title,
        open: isOpen,
        about
      })),
      ...this.#resets.state(files, person),
      week
    };
  }

  /**
   * Carries out what a person asked for in the panel.
   *
   * @throws LabError BPFLAB_TEAM_PERSON, BPFLAB_TEAM_RESET, BPFLAB_TEAM_WRITE, BPFLAB_TEAM_COMMIT
   */
  async perform(command: TeamCommand): Promise<TeamDone> {
    const now = new Date();
    switch (command.type) {
      case 'join':
        await this.#folder.join(command.person);
        this.#person = personFolder(command.person);
        return { written: [] };
      case 'note':
        return this.#note(command, now);
      case 'drop':
        this.#drop(command.proposal);
        return { written: [] };
      case 'tick':
        await this.#folder.edit(`todo/todo-${await this.#who()}.md`, text =>
          withTick(text, command.index, command.done)
        );
        return { written: [] };
      case 'discuss':
        return this.#discuss(command, now);
      case 'settle':
        await this.#folder.edit(`discussions/${command.name}`, text => withState(text, command.open));
        return { written: [] };
      case 'teach':
        await this.#folder.teach(await this.#who(), command.teaches);
        return { written: [] };
      case 'ask-reset':
        return this.#resets.ask(command, await this.#who(), { day: dayOf(now), time: timeOf(now) });
      case 'answer-reset':
        return this.#answerReset(command, now);
      case 'refresh':
        return { written: await this.#folder.refresh(dayOf(now)) };
      case 'report':
        return this.#report(command.commit, now);
    }
  }

  async search(words: string): Promise<TeamFound> {
    return { found: searchTeam(await this.#folder.files(), words).map(one => ({ ...one, path: `team/${one.path}` })) };
  }

  /** Folder name of the person; empty when nobody has said it. */
  async #who(): Promise<string> {
    return this.#person ?? (await currentPerson(this.#workspace)) ?? '';
  }

  async #note(note: Extract<TeamCommand, { type: 'note' }>, now: Date): Promise<TeamDone> {
    const person = await this.#who();
    if (person === '') throw new LabError('BPFLAB_TEAM_PERSON', 'It is not known who works here.');
    const { title, text, tags, proposal } = note;
    const written = await this.#folder.addEntry(person, dayOf(now), { time: timeOf(now), title, text, tags });
    this.#drop(proposal);
    return { written: [written, ...(await this.#folder.refresh(dayOf(now)))] };
  }

  async #discuss({ title, text, about }: Extract<TeamCommand, { type: 'discuss' }>, now: Date): Promise<TeamDone> {
    const who = (await this.#who()) || '?';
    const when = `${dayOf(now)} ${timeOf(now)}`;
    return { written: [await this.#folder.discuss({ who, when, title, text, about })] };
  }

  async #answerReset(answer: Extract<TeamCommand, { type: 'answer-reset' }>, now: Date): Promise<TeamDone> {
    const { lab, written } = await this.#resets.answer(answer, await this.#who(), dayOf(now));
    if (answer.begin) {
      // What passes from now on is news again.
      this.#passed.delete(lab);
      this.#written.delete(lab);
    }
    return { written };
  }

  async #report(commit: boolean, now: Date): Promise<TeamDone> {
    const week = weekOf(dayOf(now));
    const commits = await commitsOf(this.#workspace, daysOf(week) ?? []);
    const text = weeklyReport({ week, files: await this.#folder.files(), commits });
    await this.#folder.writeGenerated(`reports/${week}.md`, `<!-- Made by bpflab -->\n\n${text}`);
    const path = `team/reports/${week}.md`;
    if (commit) await commitFile(this.#workspace, path, `team: report of ${week}`);
    return { written: [path] };
  }

  #drop(id: number | undefined): void {
    this.#proposals = this.#proposals.filter(proposal => proposal.id !== id);
  }

  async #record(state: LabState): Promise<void> {
    if (state.lab === '') return;
    this.#propose(state);
    const person = await this.#who();
    if (person === '' || !(await this.#folder.hasPerson(person))) return;
    const now = progressOf(state);
    const mark = JSON.stringify([now.passed, now.checksPassed, person]);
    if (this.#written.get(state.lab) === mark || now.attempts === 0) return;
    this.#written.set(state.lab, mark);
    try {
      await this.#folder.addProgress(person, now);
    } catch (error) {
      // A disk that was full for a moment: the next look writes it.
      this.#written.delete(state.lab);
      throw error;
    }
  }

  #propose({ lab, steps }: LabState): void {
    const known = this.#passed.get(lab) ?? new Set<string>();
    this.#passed.set(lab, known);
    for (const step of steps.filter(one => one.passed && !known.has(one.id))) {
      known.add(step.id);
      const minutes = Math.round(step.time_ms / 60_000);
      const text = `${step.attempts} attempts, ${minutes} min, ${step.hints.length} hints. [${lab}](../../../../labs/${lab}.ipynb)`;
      const title = `Passed ${lab}: ${step.title}`;
      this.#proposals = [
        ...this.#proposals.slice(-MAX_PROPOSALS + 1),
        { id: this.#nextProposal++, time: timeOf(new Date()), title, text }
      ];
    }
  }
}

function progressOf({ lab, steps }: LabState): Omit<LabProgress, 'resets'> {
  const passed = steps.filter(step => step.passed).map(step => step.id);
  const checks = steps.flatMap(step => step.checks);
  return {
    lab,
    state: passed.length === steps.length ? 'done' : 'open',
    passed: passed.sort(),
    steps: steps.length,
    checksPassed: checks.filter(check => check.state === 'passed').length,
    checks: checks.length,
    minutes: Math.round(steps.reduce((sum, step) => sum + step.time_ms, 0) / 60_000),
    attempts: steps.reduce((sum, step) => sum + step.attempts, 0),
    changed: dayOf(new Date())
  };
}
