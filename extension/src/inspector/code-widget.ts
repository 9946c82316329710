import { Widget } from '@lumino/widgets';
import type { InspectCode, InspectInsn, InspectLine } from 'kernel-gateway/protocol';
import { gatewayWords } from '../session/gateway-words.js';
import { element } from '../dom/element.js';
import { formatCount } from '../format/quantity.js';
import type { IPageWords } from '../output-services.js';

/** The instructions of a program: each C line, what the kernel translated it to, and what the CPU runs. */
export class CodeWidget extends Widget {
  constructor(code: InspectCode, { trans, language }: IPageWords) {
    super();
    this.addClass('jp-BpflabOutput');
    this.addClass('jp-BpflabCode');
    this.node.tabIndex = 0;
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Code of %1', code.name));
    const headings = [
      trans.__('C'),
      trans.__('Translated (%1)', formatCount(String(code.xlated_count))),
      trans.__('Native (%1)', formatCount(String(code.jited_count)))
    ];
    this.node.append(
      ...code.notes.map(note => element('p', { class: 'jp-BpflabView-notes' }, gatewayWords.say(note, language))),
      element(
        'table',
        { class: 'jp-BpflabCode-table' },
        element('thead', {}, element('tr', {}, ...headings.map(text => element('th', { scope: 'col' }, text)))),
        element('tbody', {}, ...code.lines.flatMap(line => rows(line)))
      )
    );
  }
}

function rows(line: InspectLine): HTMLElement[] {
  const heading =
    line.function === ''
      ? []
      : [
          element(
            'tr',
            { class: 'jp-BpflabCode-function' },
            element('th', { scope: 'colgroup', colspan: 3 }, line.function)
          )
        ];
  return [
    ...heading,
    element(
      'tr',
      {},
      element(
        'td',
        { class: 'jp-BpflabCode-line' },
        line.line === 0 ? null : element('span', { class: 'jp-BpflabCode-number' }, String(line.line)),
        element('code', { title: line.file }, line.text)
      ),
      element('td', {}, ...line.xlated.map(insn => insnNode(insn, insn.at))),
      element('td', {}, ...line.jited.map(insn => insnNode(insn, insn.at.replace(/^0x(?:f+)?/, ''))))
    )
  ];
}

function insnNode(insn: InspectInsn, at: string): HTMLElement {
  return element(
    'div',
    { class: 'jp-BpflabCode-insn', title: insn.at },
    element('span', { class: 'jp-BpflabCode-number' }, at),
    element('code', {}, insn.text)
  );
}
