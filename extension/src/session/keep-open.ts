import type { Kernel } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';

/** What is said when a comm is opened, and said again. */
export interface IKeptOpen {
  /** Data of the opening, as it is at that time. */
  data?: () => JSONObject;
  /** Questions that have no answer yet, oldest first; the caller's own map. The session does each of them once, however often it is asked. */
  unanswered?: ReadonlyMap<unknown, { question: JSONObject }>;
}

/**
 * Opens a comm, and opens it again after every lost connection: a socket takes messages for a while after its network is
 * gone, and what was on its way then, in either direction, comes nowhere. The session answers the opening of a comm that is
 * open with all there is to say; one that never heard of it opens it now. What was asked and not answered is asked again.
 *
 * @param kernel - connection that the comm lives on
 * @param comm - of that connection, not open yet; the caller closes it
 * @returns disposed of with the comm: it is not opened again
 */
export function keepOpen(
  kernel: Kernel.IKernelConnection,
  comm: Kernel.IComm,
  { data = () => ({}), unanswered = new Map() }: IKeptOpen = {}
): IDisposable {
  let isLost = false;
  const onConnection = (_: Kernel.IKernelConnection, status: Kernel.ConnectionStatus): void => {
    if (comm.isDisposed) {
      kept.dispose();
    } else if (status !== 'connected') {
      isLost = true;
    } else if (isLost) {
      isLost = false;
      comm.open(data());
      unanswered.forEach(({ question }) => comm.send(question));
    }
  };
  const kept = new DisposableDelegate(() => kernel.connectionStatusChanged.disconnect(onConnection));
  comm.open(data());
  kernel.connectionStatusChanged.connect(onConnection);
  return kept;
}
