/**
 * Runs a cell and waits until it has completed.
 *
 * @param {import('playwright-core').Page} page
 * @param {number} index
 */
export function runCell(page, index) {
  return page.evaluate(async at => {
    const { jupyterapp } = /** @type {any} */ (globalThis);
    jupyterapp.shell.currentWidget.content.activeCellIndex = at;
    await jupyterapp.commands.execute('notebook:run-cell');
  }, index);
}
