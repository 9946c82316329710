import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CellOutcome, CellOutput } from '../../kernel-gateway/src/core/index.js';
import type { LabSession } from '../../kernel-gateway/src/adapters/session/lab-session.js';
import { createLab, type Lab } from '../../kernel-gateway/src/lab.js';
import {
  Mime,
  type DiagnosisBundle,
  type RunBundle,
  type ViewBundle
} from '../../kernel-gateway/src/protocol/index.js';

let sessions = 0;

/** What a cell put out and came to. */
export interface CellResult {
  outcome: CellOutcome;
  outputs: CellOutput[];
  stdout: string;
  stderr: string;
}

/** A session of its own, with its outputs kept by display id, as a notebook does. */
export class LabFixture {
  readonly session: LabSession;
  /** Newest data of each display, whenever it came. */
  readonly displays = new Map<string, Record<string, unknown>>();
  readonly late: CellOutput[] = [];
  readonly folder: string;
  /** Where its notebook would be. */
  readonly notebooks: string;
  #cells = 0;

  constructor(lab: Lab, target: string) {
    this.folder = mkdtempSync(join(tmpdir(), 'bpflab-test-'));
    this.notebooks = mkdtempSync(join(tmpdir(), 'bpflab-notebooks-'));
    this.session = lab.newSession({
      id: `test-${process.pid}-${++sessions}`,
      folder: this.folder,
      target,
      notebook: () => ({ root: this.notebooks, path: 'test.ipynb' })
    });
    this.session.onOutput(output => {
      this.late.push(output);
      this.#keep(output);
    });
  }

  /** Executes a cell; without an id it is a new one. */
  async run(text: string, cellId = `c${++this.#cells}`): Promise<CellResult> {
    const outputs: CellOutput[] = [];
    const outcome = await this.session.execute({ text, cellId }, output => {
      outputs.push(output);
      this.#keep(output);
    });
    const textOf = (name: string): string =>
      outputs.flatMap(output => (output.kind === 'stream' && output.name === name ? [output.text] : [])).join('');
    return { outcome, outputs, stdout: textOf('stdout'), stderr: textOf('stderr') };
  }

  /** As `run`, and must succeed. */
  async ok(text: string, cellId?: string): Promise<CellResult> {
    const result = await this.run(text, cellId);
    if (result.outcome.kind !== 'ok') {
      throw new Error(
        `${JSON.stringify(result.outcome)}\n${result.stdout}\n${result.stderr}\n${result.outputs
          .map(output => JSON.stringify(output))
          .join('\n')
          .slice(0, 4000)}`
      );
    }
    return result;
  }

  /** Newest bundle of the view whose id ends with `.name`. */
  view(name: string): ViewBundle {
    const found = this.#bundles<ViewBundle>(Mime.view).findLast(bundle => bundle.view.endsWith(`.${name}`));
    if (found === undefined) {
      throw new Error(
        `no view ${name} in ${this.#bundles<ViewBundle>(Mime.view)
          .map(bundle => bundle.view)
          .join(', ')}`
      );
    }
    return found;
  }

  /** Rows of a view's snapshot as objects. */
  rows(name: string): Record<string, string>[] {
    const { columns, snapshot } = this.view(name);
    return snapshot.rows.map(row =>
      Object.fromEntries(columns.map((column, index) => [column.name, row[index] ?? '']))
    );
  }

  hasView(name: string): boolean {
    return this.#bundles<ViewBundle>(Mime.view).some(bundle => bundle.view.endsWith(`.${name}`));
  }

  /** Newest MIME bundle of the view whose id ends with `.name`. */
  displayOf(name: string): Record<string, unknown> {
    const { view } = this.view(name);
    return (
      [...this.displays.values()].findLast(data => (data[Mime.view] as ViewBundle | undefined)?.view === view) ?? {}
    );
  }

  /** Resolves when `holds` does; asked at every output. Fails after 20 s. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('what was waited for did not come within 20 s')), 20_000);
      const check = (): void => {
        if (holds()) {
          clearTimeout(timer);
          resolve();
        }
      };
      this.session.onOutput(check);
      check();
    });
  }

  /** Newest card of the run of that name. */
  card(name: string): RunBundle {
    const found = this.#bundles<RunBundle>(Mime.run).findLast(bundle => bundle.name === name);
    if (found === undefined) {
      throw new Error(`no card of ${name}`);
    }
    return found;
  }

  diagnosis(): DiagnosisBundle | undefined {
    return this.#bundles<DiagnosisBundle>(Mime.diagnosis).at(-1);
  }

  async close(): Promise<void> {
    await this.session.close();
    for (const folder of [this.folder, this.notebooks]) {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  #bundles<B>(mime: string): B[] {
    return [...this.displays.values()].flatMap(data => (mime in data ? [data[mime] as B] : []));
  }

  #keep(output: CellOutput): void {
    if (output.kind === 'display') {
      this.displays.set(output.displayId, output.data);
    }
  }
}

/** A lab for tests; whoever opens it closes it. */
export function openLab(): Lab {
  return createLab({});
}
