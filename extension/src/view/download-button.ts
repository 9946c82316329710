import type { TranslationBundle } from '@jupyterlab/translation';
import { Notification } from '@jupyterlab/apputils';
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { downloadIcon } from '@jupyterlab/ui-components';
import type { ViewBundle } from 'kernel-gateway/protocol';
import { button, toggleButton } from '../dom/button.js';
import { element } from '../dom/element.js';
import type { LabSession } from '../session/lab-session.js';
import type { IGridState } from './grid-options.js';

/** Formats that the gateway writes all rows of a view in, as people call them. */
const FORMATS = { csv: 'CSV', json: 'JSON', parquet: 'Parquet' } as const;

type Format = keyof typeof FORMATS;

/** What is downloaded. */
export interface IDownloadOptions {
  bundle: ViewBundle;
  session: LabSession;
  trans: TranslationBundle;
  /** The filter and order that the rows are shown in; null where there is none. */
  state: () => IGridState | null;
}

/**
 * A button that opens the formats that all rows of a view can be had in: those that the filter keeps, in the order shown.
 *
 * @returns the button, and what it opens, which stands where the caller puts it
 */
export function downloadButton(options: IDownloadOptions): { button: HTMLButtonElement; bar: HTMLElement } {
  const { trans } = options;
  const formats = Object.keys(FORMATS) as Format[];
  const buttons = formats.map(format =>
    button({
      label: trans.__('Download as %1', FORMATS[format]),
      text: FORMATS[format],
      onClick: () => void download(options, format)
    })
  );
  const bar = element(
    'div',
    { class: 'jp-BpflabFilter jp-BpflabDownload', role: 'group', 'aria-label': trans.__('Download') },
    element('span', { class: 'jp-BpflabView-facts' }, trans.__('All rows that the filter keeps, as')),
    ...buttons
  );
  bar.hidden = true;
  const toggle = toggleButton({ label: trans.__('Download'), icon: downloadIcon, pressed: false }, shown => {
    bar.hidden = !shown;
    if (shown) {
      buttons[0]?.focus();
    }
  });
  return { button: toggle, bar };
}

async function download({ bundle, session, trans, state }: IDownloadOptions, format: Format): Promise<void> {
  const { kernel } = session;
  if (kernel === null) {
    return;
  }
  const settings = kernel.serverSettings;
  const { where = '', sort } = state() ?? {};
  const query = URLExt.objectToQueryString({
    format,
    ...(where === '' ? {} : { where }),
    ...(sort === undefined ? {} : { sort: sort.column, descending: String(sort.descending) })
  });
  const url = `${URLExt.join(settings.baseUrl, 'bpflab/api/sessions', kernel.id, 'views', encodeURIComponent(bundle.view), 'export')}${query}`;
  // Asked first: under another Jupyter server there is no such address, and a failed download would say nothing.
  const response = await ServerConnection.makeRequest(url, { method: 'HEAD' }, settings);
  if (!response.ok) {
    const name = bundle.view.slice(bundle.run.length + 1);
    Notification.warning(
      trans.__('This server has no downloads of views. Run %save %1 %1.%2 in a cell instead.', name, format),
      { autoClose: 10_000 }
    );
    return;
  }
  const link = element('a', { href: url, download: '' });
  document.body.append(link);
  link.click();
  link.remove();
}
