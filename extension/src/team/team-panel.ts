import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import type { TeamCommand, TeamProposal, TeamState } from 'kernel-gateway/protocol';
import { button } from '../dom/button.js';
import { element } from '../dom/element.js';
import { changeTeam, readTeam, searchTeam } from './team-client.js';

/** What the panel needs from the application. */
export interface ITeamPanelOptions {
  trans: TranslationBundle;
  /** Opens a file of the notebook folder. */
  open(path: string): void;
  /** Asks for a note that begins with a proposal, and writes it. */
  writeNote(proposal: TeamProposal): Promise<void>;
}

/** My progress and to-dos, the team's table, what could go into my log, the week's report, search. */
export class TeamPanel extends Widget {
  constructor(options: ITeamPanelOptions) {
    super();
    this.addClass('jp-BpflabTeam');
    this._options = options;
    const { trans } = options;
    this._body = element('div', {});
    this._found = element('ul', { class: 'jp-BpflabTeam-list' });
    const search = element('input', {
      class: 'jp-BpflabFilter-field',
      type: 'search',
      placeholder: trans.__('Search notes, meetings and to-dos'),
      'aria-label': trans.__('Search notes, meetings and to-dos'),
      change: () => void this._search(search.value)
    });
    this.node.append(search, this._found, this._body);
  }

  /** The application says whether the panel is in front; it is read anew then. */
  set shown(shown: boolean) {
    this._isShown = shown;
    if (shown) {
      void this.refresh();
    }
  }

  get shown(): boolean {
    return this._isShown;
  }

  /** Reads everything anew. */
  async refresh(): Promise<void> {
    try {
      this._draw(await readTeam());
    } catch (error) {
      this._body.replaceChildren(element('p', { role: 'status' }, String(error)));
    }
  }

  private _draw(state: TeamState): void {
    const { trans } = this._options;
    const parts = state.joined ? this._mine(state) : [this._join(state)];
    this._body.replaceChildren(
      ...parts,
      ...this._table(state),
      ...section(trans.__('Discussions'), this._discussions(state)),
      element(
        'div',
        { class: 'jp-BpflabTeam-actions' },
        this._button(trans.__('Make Indexes'), { type: 'refresh' }),
        this._button(trans.__('Report of the Week'), { type: 'report', commit: false }),
        this._button(trans.__('Report and Commit'), { type: 'report', commit: true })
      )
    );
  }

  /** Nothing is written about somebody who has not said so. */
  private _join(state: TeamState): HTMLElement {
    const { trans } = this._options;
    const name = element('input', { type: 'text', value: state.person, class: 'jp-mod-styled' });
    const begin = button({
      label: trans.__('Keep My Progress'),
      text: trans.__('Keep My Progress'),
      onClick: () => void this._change({ type: 'join', person: name.value })
    });
    return element(
      'div',
      { class: 'jp-BpflabTeam-join' },
      element('p', {}, trans.__('Your progress in lessons is kept in a file of this workspace, once you say so.')),
      element('label', {}, `${trans.__('I am')} `, name),
      begin
    );
  }

  private _mine(state: TeamState): HTMLElement[] {
    const { trans } = this._options;
    const todos = state.todos.map((todo, index) =>
      element(
        'li',
        {},
        element(
          'label',
          {},
          element('input', {
            type: 'checkbox',
            checked: todo.done,
            change: () => void this._change({ type: 'tick', index, done: !todo.done })
          }),
          todo.text
        )
      )
    );
    const proposals = state.proposals.map(proposal =>
      element(
        'li',
        {},
        `${proposal.time} ${proposal.title} `,
        button({
          label: trans.__('Add to My Log'),
          text: trans.__('Add to My Log'),
          onClick: () => void this._options.writeNote(proposal).then(() => this.refresh())
        }),
        this._button(trans.__('Drop'), { type: 'drop', proposal: proposal.id })
      )
    );
    return [
      element('h2', { class: 'jp-BpflabTeam-title' }, state.person),
      ...section(trans.__('For my log'), proposals),
      ...section(trans.__('To do'), todos)
    ];
  }

  private _discussions(state: TeamState): HTMLElement[] {
    const { trans } = this._options;
    return state.discussions.map(({ path, title, open, about }) => {
      const name = path.split('/').at(-1) ?? '';
      const settle = open ? trans.__('Close') : trans.__('Open Again');
      const item = element(
        'li',
        { class: open ? '' : 'jp-mod-bpflabClosed' },
        button({ label: title, text: title, onClick: () => this._options.open(`team/${path}`) })
      );
      const notebook = about.split('#')[0] ?? '';
      if (notebook !== '') {
        item.append(button({ label: about, text: notebook, onClick: () => this._options.open(notebook) }));
      }
      item.append(this._button(settle, { type: 'settle', name, open: !open }));
      return item;
    });
  }

  private _table(state: TeamState): HTMLElement[] {
    const { trans } = this._options;
    const labs = [...new Set(state.people.flatMap(person => person.labs.map(lab => lab.lab)))].sort();
    if (labs.length === 0) {
      return [];
    }
    const head = element('tr', {}, element('th', { scope: 'col' }, trans.__('Lesson')));
    head.append(
      ...state.people.map(({ person, quiet }) =>
        element('th', { scope: 'col' }, quiet ? trans.__('%1 (no update this week)', person) : person)
      )
    );
    const rows = labs.map(lab => {
      const row = element('tr', {}, element('th', { scope: 'row' }, lab));
      row.append(
        ...state.people.map(({ labs: own }) => {
          const one = own.find(entry => entry.lab === lab);
          if (one === undefined) {
            return element('td');
          }
          const mark = one.state === 'done' ? '✓ ' : one.stuck ? '⚠ ' : '';
          const time = trans.__('%1 minutes, %2 attempts', one.minutes, one.attempts);
          const title = one.stuck ? `${trans.__('Stuck')}: ${time}` : time;
          return element(
            'td',
            { title, 'aria-label': `${one.passed}/${one.steps}, ${title}` },
            `${mark}${one.passed}/${one.steps}`
          );
        })
      );
      return row;
    });
    return [
      element('h3', { class: 'jp-BpflabTeam-title' }, trans.__('Team, week %1', state.week)),
      element('table', { class: 'jp-BpflabTeam-table' }, element('thead', {}, head), element('tbody', {}, ...rows))
    ];
  }

  private _button(text: string, command: TeamCommand): HTMLButtonElement {
    return button({ label: text, text, onClick: () => void this._change(command) });
  }

  private async _change(command: TeamCommand): Promise<void> {
    try {
      const written = await changeTeam(command);
      const report = command.type === 'report' ? written[0] : undefined;
      if (report !== undefined) {
        this._options.open(report);
      }
    } catch (error) {
      Notification.error(error instanceof Error ? error.message : String(error), { autoClose: 10_000 });
    }
    await this.refresh();
  }

  private async _search(words: string): Promise<void> {
    const found = words.trim() === '' ? [] : await searchTeam(words);
    this._found.replaceChildren(
      ...found
        .slice(0, 50)
        .map(({ path, line, text }) =>
          element(
            'li',
            {},
            button({ label: `${path}:${line}`, text: `${path}:${line}`, onClick: () => this._options.open(path) }),
            element('div', { class: 'jp-BpflabTeam-line' }, text)
          )
        )
    );
  }

  private readonly _options: ITeamPanelOptions;
  private readonly _body: HTMLElement;
  private readonly _found: HTMLElement;
  private _isShown = false;
}

const section = (title: string, items: HTMLElement[]): HTMLElement[] =>
  items.length === 0
    ? []
    : [
        element('h3', { class: 'jp-BpflabTeam-title' }, title),
        element('ul', { class: 'jp-BpflabTeam-list' }, ...items)
      ];
