/**
 * Jupyter's kernel messages (protocol 5.4) in memory, with no wire format: adapters turn them into bytes.
 * @see https://jupyter-client.readthedocs.io/en/stable/messaging.html
 */

/** Channels of a kernel; `iopub` goes to every client, the others to the one that asked. */
export type Channel = 'shell' | 'control' | 'iopub' | 'stdin';

/** Header of a message; `subshell_id` (JEP 91) is set by clients that talk to a subshell. */
export interface MessageHeader {
  msg_id: string;
  session: string;
  username: string;
  /** ISO 8601 with a time zone. */
  date: string;
  msg_type: string;
  version: string;
  subshell_id?: string | null;
}

/** One message. `parent_header` is `{}` when nothing caused it. Each buffer has exactly the length of its bytes. */
export interface JupyterMessage {
  channel: Channel;
  header: MessageHeader;
  parent_header: MessageHeader | Record<string, never>;
  metadata: Record<string, unknown>;
  content: Record<string, unknown>;
  buffers: Uint8Array[];
}

/** One connected front end. `send` never blocks; the client queues for itself. */
export interface KernelClient {
  send(message: JupyterMessage): void;
}

/** Clock and identities, so that the kernel's behavior is a function of its input. */
export interface KernelClock {
  /** Now, ISO 8601 UTC. */
  now(): string;
  /** A fresh unique id. */
  newId(): string;
  /** Runs `action` once after `delayMs`; the returned function cancels it. */
  schedule(delayMs: number, action: () => void): () => void;
}
