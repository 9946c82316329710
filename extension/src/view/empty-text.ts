import type { TranslationBundle } from '@jupyterlab/translation';
import type { ViewBundle } from 'kernel-gateway/protocol';

/** What stands where a view has nothing to show. */
export function emptyText(bundle: Pick<ViewBundle, 'kind' | 'state'>, trans: TranslationBundle): string {
  const isLive = bundle.state === 'live';
  switch (bundle.kind) {
    case 'events':
      return isLive ? trans.__('No events yet.') : trans.__('No events.');
    case 'printk':
    case 'text':
      return isLive ? trans.__('No lines yet.') : trans.__('No lines.');
    case 'histogram':
    case 'stacks':
      return isLive ? trans.__('Nothing counted yet.') : trans.__('Nothing was counted.');
    default:
      return isLive ? trans.__('No entries yet.') : trans.__('No entries.');
  }
}
