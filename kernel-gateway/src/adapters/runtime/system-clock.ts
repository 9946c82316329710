import { randomUUID } from 'node:crypto';
import type { KernelClock } from '../../core/kernel/jupyter-message.js';

/** Time and identities of this machine. */
export const systemClock: KernelClock = {
  now: () => new Date().toISOString(),
  newId: randomUUID,
  schedule: (delayMs, action) => {
    const timer = setTimeout(action, delayMs);
    return () => clearTimeout(timer);
  }
};
