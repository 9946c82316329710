/** The notebook that is open in a page: running cells, looking at what they show. */
import type { Locator, Page } from 'playwright-core';

/** The part of a kernel's connection that is used here. */
interface ExposedKernel {
  status: string;
  anyMessage: { connect(slot: (sender: unknown, message: { msg: { content: unknown } }) => void): void };
}

/** The part of JupyterLab's application object that is used here; `?expose=1` makes it `window.jupyterapp`. */
interface ExposedApplication {
  commands: { execute(id: string, args?: Record<string, unknown>): Promise<unknown> };
  shell: {
    currentWidget: {
      content: {
        activeCellIndex: number;
        widgets: {
          node: HTMLElement;
          model: {
            type: string;
            sharedModel: { source: string };
            outputs?: { toJSON(): Output[]; fromJSON(outputs: Output[]): void };
            executionCount?: number | null;
            executionState?: string;
          };
        }[];
        scrollToItem(index: number, align: string): Promise<void>;
      };
      context: { save(): Promise<void> };
      sessionContext: { session: { kernel: ExposedKernel | null } | null };
    };
  };
}

/** An output as nbformat has it. */
export interface Output {
  output_type: string;
  name?: string;
  text?: string;
  ename?: string;
  evalue?: string;
  data?: Record<string, unknown>;
}

declare global {
  interface Window {
    jupyterapp: ExposedApplication;
  }
}

export class NotebookPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Waits until the session is connected: its target stands in the toolbar. */
  async ready(): Promise<void> {
    await this.page.locator('.jp-BpflabTarget:not(.lm-mod-hidden)').waitFor();
  }

  /** Indexes of the code cells. */
  codeCells(): Promise<number[]> {
    return this.page.evaluate(() =>
      window.jupyterapp.shell.currentWidget.content.widgets.flatMap(({ model }, index) =>
        model.type === 'code' ? [index] : []
      )
    );
  }

  /** Brings a cell into view and makes it the active one. */
  async goTo(index: number): Promise<void> {
    await this.page.evaluate(async at => {
      const notebook = window.jupyterapp.shell.currentWidget.content;
      notebook.activeCellIndex = at;
      await notebook.scrollToItem(at, 'start');
    }, index);
    await this.cell(index).locator('.cm-content').waitFor();
  }

  /** Runs a cell and waits until it has completed; gives its outputs. */
  async run(index: number): Promise<Output[]> {
    await this.goTo(index);
    await this.page.evaluate(() => window.jupyterapp.commands.execute('notebook:run-cell'));
    return this.outputs(index);
  }

  /** Gives a cell another text. */
  async setSource(index: number, source: string): Promise<void> {
    await this.page.evaluate(
      ([at, text]) => {
        window.jupyterapp.shell.currentWidget.content.widgets[at]!.model.sharedModel.source = text;
      },
      [index, source] as const
    );
  }

  outputs(index: number): Promise<Output[]> {
    return this.page.evaluate(
      at => window.jupyterapp.shell.currentWidget.content.widgets[at]?.model.outputs?.toJSON() ?? [],
      index
    );
  }

  /** Whether code cells (all, or those) have completed. */
  areAllDone(indexes?: number[]): Promise<boolean> {
    return this.page.evaluate(
      wanted =>
        window.jupyterapp.shell.currentWidget.content.widgets.every(
          ({ model }, index) =>
            model.type !== 'code' ||
            (wanted !== undefined && !wanted.includes(index)) ||
            (model.executionCount !== null && model.executionState === 'idle')
        ),
      indexes
    );
  }

  /** Why the margin says that a cell is out of date; null when it does not. */
  staleness(index: number): Promise<string | null> {
    return this.page.evaluate(
      at => window.jupyterapp.shell.currentWidget.content.widgets[at]?.node.dataset['bpflabStale'] ?? null,
      index
    );
  }

  save(): Promise<void> {
    return this.page.evaluate(() => window.jupyterapp.shell.currentWidget.context.save());
  }

  cell(index: number): Locator {
    return this.page.locator(`.jp-Cell[data-windowed-list-index="${index}"]`);
  }

  /** The program card of a cell. */
  card(index: number): Locator {
    return this.cell(index).locator('.jp-BpflabRun');
  }

  /** A view of a cell, by its title. */
  view(index: number, title: string): ViewPart {
    const named = this.page.locator('.jp-BpflabView-title', { hasText: new RegExp(`^${title}$`) });
    return new ViewPart(this.cell(index).locator('.jp-BpflabView').filter({ has: named }));
  }
}

/** One view: its header, rows, histogram. */
export class ViewPart {
  readonly node: Locator;

  constructor(node: Locator) {
    this.node = node;
  }

  /** `Live`, `Ended` or `Snapshot`. */
  badge(): Promise<string> {
    return this.node.locator('.jp-BpflabBadge').innerText();
  }

  /** Such as `1,204 events`. */
  facts(): Promise<string> {
    return this.node.locator('.jp-BpflabView-bar .jp-BpflabView-facts').innerText();
  }

  /** Cells of the rows that are drawn and filled, as text. */
  rows(): Promise<string[][]> {
    return this.node
      .locator('tbody tr[data-row]')
      .evaluateAll(rows =>
        rows
          .map(row => [...row.querySelectorAll('td')].map(cell => cell.textContent ?? ''))
          .filter(cells => cells.some(text => text !== ''))
      );
  }

  /** Texts of one column of the drawn rows. */
  async column(name: string): Promise<string[]> {
    const index = (await this.headers()).indexOf(name);
    return (await this.rows()).map(row => row[index] ?? '');
  }

  /** A button of the header, by its accessible name. */
  button(name: string): Locator {
    return this.node.getByRole('button', { name, exact: true });
  }

  async sortBy(column: string): Promise<void> {
    await this.node.locator('.jp-BpflabGrid-header', { hasText: column }).click();
  }

  /** Opens the filter, when it is not open, and writes an expression into it. */
  async where(expression: string): Promise<void> {
    const field = this.node.getByLabel('Filter expression');
    if ((await field.count()) === 0) await this.button('Filter').click();
    await field.fill(expression);
  }

  /** Names of the columns that are shown. */
  headers(): Promise<string[]> {
    return this.node.locator('.jp-BpflabGrid-header > span:first-child').allInnerTexts();
  }
}
