import { InputDialog, Notification, showErrorMessage } from '@jupyterlab/apputils';
import { CodeCell, type Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CodeTabs } from './code-tabs.js';
import { outputText } from './output-text.js';
import { listVersions, readVersion, type VersionName } from './notebook-versions.js';

const firstLine = (text: string): string => (text.split('\n').find(line => line.trim() !== '') ?? '').slice(0, 60);

function versionNames(trans: TranslationBundle): Record<VersionName, string> {
  return {
    saved: trans.__('As saved'),
    checkpoint: trans.__('Checkpoint'),
    head: trans.__('Last commit (git HEAD)'),
    lesson: trans.__('The lesson as it came')
  };
}

/** Opens the active cell beside an earlier version of it; the version is asked for when there is a choice. */
export async function compareWithVersion(
  panel: NotebookPanel,
  tabs: CodeTabs,
  trans: TranslationBundle
): Promise<void> {
  const cell = panel.content.activeCell;
  if (cell === null) {
    return;
  }
  const { path } = panel.context;
  const names = versionNames(trans);
  try {
    const versions = await listVersions(path);
    const choice = await InputDialog.getItem({
      title: trans.__('Compare With'),
      items: versions.map(version => names[version]),
      current: 0
    });
    const version = versions.find(one => names[one] === choice.value);
    if (!choice.button.accept || version === undefined) {
      return;
    }
    const cells = await readVersion(path, version);
    const before = cells.find(one => one.id === cell.model.id);
    if (before === undefined) {
      Notification.info(trans.__('That version does not have this cell.'), { autoClose: 4000 });
      return;
    }
    await openComparison(cell, { title: names[version], text: before.text }, tabs, trans);
  } catch (error) {
    await showErrorMessage(trans.__('The versions could not be read'), error as Error);
  }
}

function openComparison(
  cell: Cell,
  original: { title: string; text: string },
  tabs: CodeTabs,
  trans: TranslationBundle
): Promise<void> {
  const { sharedModel, id } = cell.model;
  return tabs.open({
    id: `bpflab-compare-${id}`,
    title: trans.__('Comparison'),
    caption: firstLine(sharedModel.getSource()),
    text: sharedModel.getSource(),
    language: 'c',
    original,
    modifiedTitle: trans.__('Mine'),
    save: text => {
      sharedModel.setSource(text);
      return Promise.resolve();
    }
  });
}

/** Opens the active cell's output beside that of another cell, as text. */
export async function compareOutputs(panel: NotebookPanel, tabs: CodeTabs, trans: TranslationBundle): Promise<void> {
  const active = panel.content.activeCell;
  const cells = panel.content.widgets
    .filter((cell): cell is CodeCell => cell instanceof CodeCell)
    .map((cell, index) => ({
      cell,
      text: outputText(cell),
      label: `${index + 1}: ${firstLine(cell.model.sharedModel.getSource())}`
    }))
    .filter(({ text }) => text !== '');
  const mine = cells.find(({ cell }) => cell === active);
  const others = cells.filter(one => one !== mine);
  if (mine === undefined || others.length === 0) {
    Notification.info(trans.__('Two cells with output are needed.'), { autoClose: 4000 });
    return;
  }
  const choice = await InputDialog.getItem({
    title: trans.__('Compare Output With'),
    items: others.map(({ label }) => label),
    current: 0
  });
  const other = others.find(({ label }) => label === choice.value);
  if (!choice.button.accept || other === undefined) {
    return;
  }
  await tabs.open({
    id: `bpflab-outputs-${mine.cell.model.id}`,
    title: trans.__('Outputs'),
    caption: mine.label,
    text: mine.text,
    language: 'plaintext',
    original: { title: other.label, text: other.text },
    modifiedTitle: mine.label
  });
}
