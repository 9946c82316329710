/** Labs that instructors ask people to begin anew: who is asked, who has answered, and what happens then. */
import { readInstructors } from '../../core/team/instructors.js';
import { readResetRequests } from '../../core/team/reset-requests.js';
import type { TeamFile } from '../../core/team/team-index.js';
import { LabError, type TeamCommand, type TeamDone, type TeamState } from '../../protocol/index.js';
import type { TeamFolder } from './team-folder.js';

/** Puts the notebooks of a lab aside under other names and ends their sessions; gives the new paths. `day`: `2026-11-24`. */
export type SetLabAside = (lab: string, day: string) => Promise<string[]>;

/** A moment as the team's files have it. */
export interface TeamMoment {
  day: string;
  time: string;
}

/** One for each desk. */
export class TeamResets {
  readonly #folder: TeamFolder;
  readonly #setAside: SetLabAside;

  constructor(folder: TeamFolder, setAside: SetLabAside) {
    this.#folder = folder;
    this.#setAside = setAside;
  }

  /** What of it a person is shown. */
  state(files: readonly TeamFile[], person: string): Pick<TeamState, 'teaches' | 'resets' | 'asked'> {
    const teaches = teachesIn(files, person);
    const requests = readResetRequests(files);
    return {
      teaches,
      resets: requests
        .filter(one => one.people.get(person) === 'open')
        .map(({ path, lab, by, text }) => ({ name: path.slice('resets/'.length), lab, by, text })),
      asked: teaches
        ? requests.map(({ path, lab, people }) => {
            const answered = [...people.values()].filter(answer => answer !== 'open').length;
            return { path, lab, people: people.size, answered };
          })
        : []
    };
  }

  /**
   * A file for each lab that some of the people have begun.
   *
   * @throws LabError BPFLAB_TEAM_RESET when the person is no instructor, BPFLAB_TEAM_PERSON, BPFLAB_TEAM_WRITE
   */
  async ask(
    { labs, people, text }: Extract<TeamCommand, { type: 'ask-reset' }>,
    by: string,
    { day, time }: TeamMoment
  ): Promise<TeamDone> {
    if (!teachesIn(await this.#folder.files(), by)) {
      throw new LabError('BPFLAB_TEAM_RESET', `${by || 'Somebody'} is not an instructor of this team.`);
    }
    const progress = await this.#folder.progress();
    const written: string[] = [];
    for (const lab of labs) {
      const begun = progress.filter(one => people.includes(one.person) && one.labs.some(entry => entry.lab === lab));
      const asked = { lab, by, when: `${day} ${time}`, text, people: begun.map(({ person }) => person) };
      if (begun.length > 0) written.push(await this.#folder.askReset(asked));
    }
    return { written };
  }

  /**
   * The person's answer. Their notebooks of the lab are put aside before anything else changes, so that nothing is lost on the way.
   *
   * @throws LabError BPFLAB_TEAM_RESET when nobody asks the person, BPFLAB_TEAM_WRITE, and what renaming refuses
   */
  async answer(
    { name, begin }: Extract<TeamCommand, { type: 'answer-reset' }>,
    person: string,
    day: string
  ): Promise<{ lab: string; written: string[] }> {
    const requests = readResetRequests(await this.#folder.files());
    const request = requests.find(one => one.path === `resets/${name}` && one.people.get(person) === 'open');
    if (request === undefined) throw new LabError('BPFLAB_TEAM_RESET', `${name} asks nothing of ${person || '?'}.`);
    const written = begin ? await this.#setAside(request.lab, day) : [];
    await this.#folder.answerReset(request, person, { begun: begin, day });
    return { lab: request.lab, written };
  }
}

const teachesIn = (files: readonly TeamFile[], person: string): boolean =>
  person !== '' && readInstructors(files.find(file => file.path === 'instructors.md')?.text ?? '').includes(person);
