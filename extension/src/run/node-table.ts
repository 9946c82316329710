import type { RunNode } from 'kernel-gateway/protocol';
import { gatewayWords } from '../session/gateway-words.js';
import { element } from '../dom/element.js';
import { plainText } from '../format/plain-text.js';
import { formatCount } from '../format/quantity.js';
import type { IPageWords } from '../output-services.js';

/** The nodes of a run on many: what came from each, and why it does not run there or what is special. */
export function nodeTable(nodes: readonly RunNode[], { trans, language }: IPageWords): HTMLTableElement {
  const state = (node: RunNode): string => {
    if (node.state === 'running') return trans.__('Running');
    if (node.state === 'late') return trans.__('Late');
    return node.state === 'refused' ? trans.__('Refused') : trans.__('Lost');
  };
  const columns = [
    { head: trans.__('Node'), isNumber: false, text: (node: RunNode) => node.node },
    { head: trans.__('State'), isNumber: false, text: state },
    { head: trans.__('Kernel'), isNumber: false, text: (node: RunNode) => node.kernel_release },
    { head: trans.__('Events'), isNumber: true, text: (node: RunNode) => formatCount(node.events) },
    { head: trans.__('Dropped'), isNumber: true, text: (node: RunNode) => formatCount(node.lost) },
    { head: trans.__('Reason'), isNumber: false, text: (node: RunNode) => gatewayWords.say(node.message, language) }
  ];
  const cellClass = (isNumber: boolean): string => (isNumber ? 'jp-mod-number' : 'jp-mod-text');
  const head = columns.map(({ head, isNumber }) => element('th', { scope: 'col', class: cellClass(isNumber) }, head));
  const rows = nodes.map(node =>
    element(
      'tr',
      {},
      ...columns.map(({ text, isNumber }) => element('td', { class: cellClass(isNumber) }, plainText(text(node))))
    )
  );
  return element(
    'table',
    { class: 'jp-BpflabRun-programs', 'aria-label': trans.__('Nodes') },
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...rows)
  );
}
