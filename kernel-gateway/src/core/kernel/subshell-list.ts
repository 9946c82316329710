/**
 * Kernel subshells (JEP 91). Clients open them so that comms are not held up by a cell; here nothing but cells waits
 * anyway, so a subshell is a name. Cells sent to one join the one queue: a session executes one cell at a time.
 */
import type { JupyterMessage, KernelClock } from './jupyter-message.js';

/** Names of the subshells that clients have opened. */
export class SubshellList {
  readonly #clock: KernelClock;
  readonly #ids = new Set<string>();

  constructor(clock: KernelClock) {
    this.#clock = clock;
  }

  /** Throws when a message names a subshell that is not open; absent and null mean the main shell. */
  check(id: string | null | undefined): void {
    if (id != null && id !== '' && !this.#ids.has(id)) throw new Error(`There is no subshell "${id}".`);
  }

  /** Content of the reply to a create, delete or list request; null for other messages. */
  answer(message: JupyterMessage): Record<string, unknown> | null {
    switch (message.header.msg_type) {
      case 'create_subshell_request': {
        const id = this.#clock.newId();
        this.#ids.add(id);
        return { status: 'ok', subshell_id: id };
      }
      case 'delete_subshell_request': {
        const id = message.content['subshell_id'];
        this.check(String(id));
        this.#ids.delete(String(id));
        return { status: 'ok' };
      }
      case 'list_subshell_request':
        return { status: 'ok', subshell_id: [...this.#ids] };
      default:
        return null;
    }
  }
}
