import type { Kernel } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';

/**
 * Opens a comm, and opens it again after every lost connection: a socket takes messages for a while after its network is
 * gone, and what was on its way then, in either direction, comes nowhere. The session answers the opening of a comm that is
 * open with all there is to say; one that never heard of it opens it now.
 *
 * @param kernel - connection that the comm lives on
 * @param comm - of that connection, not open yet; the caller closes it
 * @param data - of the opening, as it is at that time
 */
export function keepOpen(
  kernel: Kernel.IKernelConnection,
  comm: Kernel.IComm,
  data: () => JSONObject = () => ({})
): void {
  let isLost = false;
  const onConnection = (_: Kernel.IKernelConnection, status: Kernel.ConnectionStatus): void => {
    if (comm.isDisposed) {
      kernel.connectionStatusChanged.disconnect(onConnection);
    } else if (status !== 'connected') {
      isLost = true;
    } else if (isLost) {
      isLost = false;
      comm.open(data());
    }
  };
  comm.open(data());
  kernel.connectionStatusChanged.connect(onConnection);
}
