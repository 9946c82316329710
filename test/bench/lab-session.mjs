/** A session of the built gateway, as the command line opens it. */
import { createLab } from '../../kernel-gateway/lib/lab.js';

/**
 * @param {{ target: string, folder: string, id?: string }} options - id: of the session, where a target has several
 */
export function openSession({ target, folder, id = `bench-${target}` }) {
  const lab = createLab({ target });
  const session = lab.newSession({ id, folder });
  return {
    lab,
    session,
    /**
     * Executes a cell that has to succeed.
     *
     * @param {string} text
     * @param {string} cellId
     * @param {(output: import('../../kernel-gateway/lib/core/index.js').CellOutput) => void} [output]
     */
    run: async (text, cellId, output = () => {}) => {
      const outcome = await session.execute({ text, cellId }, output);
      if (outcome.kind !== 'ok') throw new Error(`${text.slice(0, 60)} — ${JSON.stringify(outcome)}`);
    },
    close: async () => {
      await session.close();
      await lab.close();
    }
  };
}
