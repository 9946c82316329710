import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { DisposableDelegate, DisposableSet } from '@lumino/disposable';
import { VERIFIER_COMM, type ProgramTrace, type VerifierMessage } from 'kernel-gateway/protocol';
import { gatewayWords } from '../session/gateway-words.js';
import type { IPageWords } from '../output-services.js';

/**
 * Asks the kernel for the verifier's whole log of a program of a run.
 *
 * @throws Error with the session's own sentence when it cannot be had, or when the kernel is gone
 */
export async function fetchVerifierLog(
  kernel: Kernel.IKernelConnection,
  program: { run: string; program: string },
  { trans, language }: IPageWords
): Promise<{ lines: string[]; trace: ProgramTrace }> {
  const open = new DisposableSet();
  const comm = kernel.createComm(VERIFIER_COMM);
  open.add(comm);
  const decoder = new TextDecoder();
  let text = '';
  try {
    const trace = await new Promise<ProgramTrace>((resolve, reject) => {
      comm.onMsg = (message: KernelMessage.ICommMsgMsg) => {
        const data = message.content.data as unknown as VerifierMessage;
        if (data.type === 'part') {
          for (const buffer of message.buffers ?? []) {
            text += decoder.decode(buffer, { stream: true });
          }
        } else if (data.type === 'end') {
          resolve(data.trace);
        } else {
          reject(new Error(`${gatewayWords.say(data.message, language)} ${gatewayWords.say(data.hint, language)}`));
        }
      };
      comm.onClose = () => reject(new Error(trans.__('The session does not answer.')));
      // Parts that were on their way are lost with the connection.
      const onConnection = (_: Kernel.IKernelConnection, status: Kernel.ConnectionStatus): void => {
        if (status !== 'connected') {
          reject(new Error(trans.__('The session does not answer.')));
        }
      };
      kernel.connectionStatusChanged.connect(onConnection);
      open.add(new DisposableDelegate(() => kernel.connectionStatusChanged.disconnect(onConnection)));
      comm.open({ ...program });
    });
    return { lines: (text + decoder.decode()).replace(/\n+$/, '').split('\n'), trace };
  } finally {
    if (!comm.isDisposed) {
      comm.close();
    }
    open.dispose();
  }
}
