import { Dialog, showDialog } from '@jupyterlab/apputils';
import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { element } from '../dom/element.js';

/** Shows the owner of a notebook the address that others open; `link` is below the server's own. */
export async function showAddress(link: string, trans: TranslationBundle): Promise<void> {
  const { href: address, hostname } = new URL(link, ServerConnection.makeSettings().baseUrl);
  const sentences = [
    trans.__('Whoever has this address sees the notebook and its live views, and can change nothing.'),
    ...(/^(localhost|127\.|\[::1\])/.test(hostname)
      ? [trans.__('It opens on this computer only. For others, start the server with --ip 0.0.0.0.')]
      : [])
  ];
  const field = element('input', { type: 'text', readonly: true, value: address, class: 'jp-mod-styled', size: 60 });
  const body = new Widget();
  body.addClass('jp-BpflabNote');
  body.node.append(
    ...sentences.map(sentence => element('p', {}, sentence)),
    element('label', { class: 'jp-BpflabNote-field' }, trans.__('Address'), field)
  );
  const copy = Dialog.okButton({ label: trans.__('Copy') });
  const buttons = [Dialog.cancelButton({ label: trans.__('Close') }), copy];
  const { button } = await showDialog({ title: trans.__('Show Live'), body, buttons, focusNodeSelector: 'input' });
  if (button.accept) {
    await navigator.clipboard.writeText(address);
  }
}
