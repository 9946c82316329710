import type { Channel, JupyterMessage, KernelClock, MessageHeader } from './jupyter-message.js';

/** Version of the messaging protocol that the kernel speaks. */
export const MESSAGING_VERSION = '5.4';

/** Makes messages of one kernel life: all share its session id, by which clients notice a restart. */
export class MessageFactory {
  readonly #clock: KernelClock;
  readonly #session: string;

  constructor(clock: KernelClock) {
    this.#clock = clock;
    this.#session = clock.newId();
  }

  /** A message of `type`; `parent` is the header of the request that caused it, null for none. */
  make(
    channel: Channel,
    type: string,
    parent: MessageHeader | null,
    body: { content: Record<string, unknown>; metadata?: Record<string, unknown>; buffers?: Uint8Array[] }
  ): JupyterMessage {
    return {
      channel,
      header: {
        msg_id: this.#clock.newId(),
        session: this.#session,
        username: 'kernel',
        date: this.#clock.now(),
        msg_type: type,
        version: MESSAGING_VERSION
      },
      parent_header: parent ?? {},
      metadata: body.metadata ?? {},
      content: body.content,
      buffers: body.buffers ?? []
    };
  }
}
