import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import type { TeamCommand, TeamProposal, TeamState } from 'kernel-gateway/protocol';
import { button } from '../dom/button.js';
import { element } from '../dom/element.js';
import { linkButton } from '../dom/link-button.js';
import { changeTeam, readTeam, searchTeam } from './team-client.js';
import { teamTable, type ITableTicks } from './team-table.js';

/** What the panel needs from the application. */
export interface ITeamPanelOptions {
  trans: TranslationBundle;
  /** Of the page: `zh_CN`, `en` … */
  language: string;
  /** Opens a file of the notebook folder. */
  open(path: string): void;
  /** Asks for a note that begins with a proposal, and writes it. */
  writeNote(proposal: TeamProposal): Promise<void>;
  /** Saves and closes the notebooks of a lab; false: one could not be saved, and stays. */
  leaveLab(lab: string): Promise<boolean>;
  openLab(lab: string): void;
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
      this._draw(await readTeam(this._options.language));
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
      ...(state.joined ? this._teaching(state) : []),
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
      ...section(trans.__('From instructors'), this._resets(state)),
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
        linkButton({ label: title, text: title, onClick: () => this._options.open(`team/${path}`) })
      );
      const notebook = about.split('#')[0] ?? '';
      if (notebook !== '') {
        item.append(' · ', linkButton({ label: about, text: notebook, onClick: () => this._options.open(notebook) }));
      }
      item.append(this._button(settle, { type: 'settle', name, open: !open }));
      return item;
    });
  }

  private _table(state: TeamState): HTMLElement[] {
    const { trans } = this._options;
    const table = teamTable(state, trans, state.teaches ? this._ticks : null);
    return table === null
      ? []
      : [element('h3', { class: 'jp-BpflabTeam-title' }, trans.__('Team, week %1', state.week)), table];
  }

  /** Labs that an instructor asks the person to begin anew. */
  private _resets({ resets }: TeamState): HTMLElement[] {
    const { trans } = this._options;
    return resets.map(({ name, lab, by, text }) =>
      element(
        'li',
        {},
        `${trans.__('%1 asks you to begin %2 anew.', by, lab)} ${text} `,
        button({
          label: trans.__('Begin Anew'),
          text: trans.__('Begin Anew'),
          caption: trans.__('Your notebook is kept under another name'),
          onClick: () => void this._beginAnew(lab, name)
        }),
        this._button(trans.__('Keep Mine'), { type: 'answer-reset', name, begin: false })
      )
    );
  }

  private async _beginAnew(lab: string, name: string): Promise<void> {
    const done = await this._options.leaveLab(lab);
    if (done && (await this._change({ type: 'answer-reset', name, begin: true }))) {
      this._options.openLab(lab);
    }
  }

  /** Whether the person teaches, and what instructors can do. */
  private _teaching(state: TeamState): HTMLElement[] {
    const { trans } = this._options;
    const box = element('input', {
      type: 'checkbox',
      checked: state.teaches,
      change: () => void this._change({ type: 'teach', teaches: !state.teaches })
    });
    const asked = state.asked.map(({ path, lab, people, answered }) => {
      const label = trans.__('%1: %2 of %3 have answered', lab, answered, people);
      return element('li', {}, button({ label, text: label, onClick: () => this._options.open(`team/${path}`) }));
    });
    return [
      element('label', {}, box, trans.__('I am an instructor')),
      ...(state.teaches
        ? [
            button({
              label: trans.__('Begin Anew…'),
              text: trans.__('Begin Anew…'),
              caption: trans.__('Ask those who are ticked to begin the lessons that are ticked anew'),
              onClick: () => void this._askForReset(state)
            })
          ]
        : []),
      ...section(trans.__('Asked to begin anew'), asked)
    ];
  }

  private async _askForReset(state: TeamState): Promise<void> {
    const { askForReset } = await import('./reset-dialog.js');
    const command = await askForReset(state, this._ticks, this._options.trans);
    if (command !== null && (await this._change(command))) {
      this._ticks.labs.clear();
      this._ticks.people.clear();
      await this.refresh();
    }
  }

  private _button(text: string, command: TeamCommand): HTMLButtonElement {
    return button({ label: text, text, onClick: () => void this._change(command) });
  }

  /** Whether it was done; why not is said. */
  private async _change(command: TeamCommand): Promise<boolean> {
    let isDone = false;
    try {
      const written = await changeTeam(command);
      const report = command.type === 'report' ? written[0] : undefined;
      if (report !== undefined) {
        this._options.open(report);
      }
      isDone = true;
    } catch (error) {
      Notification.error(error instanceof Error ? error.message : String(error), { autoClose: 10_000 });
    }
    await this.refresh();
    return isDone;
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
            linkButton({ label: `${path}:${line}`, text: `${path}:${line}`, onClick: () => this._options.open(path) }),
            element('div', { class: 'jp-BpflabTeam-line' }, text)
          )
        )
    );
  }

  private readonly _options: ITeamPanelOptions;
  private readonly _body: HTMLElement;
  private readonly _found: HTMLElement;
  private readonly _ticks: ITableTicks = { labs: new Set(), people: new Set() };
  private _isShown = false;
}

const section = (title: string, items: HTMLElement[]): HTMLElement[] =>
  items.length === 0
    ? []
    : [
        element('h3', { class: 'jp-BpflabTeam-title' }, title),
        element('ul', { class: 'jp-BpflabTeam-list' }, ...items)
      ];
