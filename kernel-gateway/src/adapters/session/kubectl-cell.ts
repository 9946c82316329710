import type { CellOutcome, CellSpec } from '../../core/index.js';
import { parseKubectl } from '../../core/kubectl/kubectl-command.js';
import { splitWords } from '../../core/cells/split-words.js';
import { LabError } from '../../protocol/index.js';
import type { CellContext } from './cell-context.js';

/** A command of the cell with what it reads. */
interface Command {
  words: string[];
  input: string;
}

/** `%%kubectl`: commands for the session's cluster, one after the other; the first that fails ends the cell. */
export async function runKubectlCell(
  context: CellContext,
  spec: Extract<CellSpec, { kind: 'kubectl' }>
): Promise<CellOutcome> {
  const { core, signal } = context;
  const commands = commandsOf(spec).map(({ words, input }) => ({ command: parseKubectl(words), words, input }));
  for (const { command, words, input } of commands) {
    const status = await core.options.cluster.kubectl(command, {
      input,
      signal,
      write: (text, name) => {
        if (text !== '') core.outputs.show({ kind: 'stream', name, text });
      }
    });
    if (signal.aborted) return { kind: 'interrupted' };
    if (status !== 0) {
      const shown = words.join(' ').slice(0, 60);
      throw new LabError('BPFLAB_CELL_COMMAND_FAILED', `"${shown}" ended with status ${status}.`);
    }
  }
  return { kind: 'ok' };
}

function commandsOf({ words, body, bodyLine }: Extract<CellSpec, { kind: 'kubectl' }>): Command[] {
  if (words.length > 0) return [{ words, input: body }];
  const lines = body.split('\n').map((text, index) => ({ text: text.trim(), line: bodyLine + index }));
  const commands = lines
    .filter(({ text }) => text !== '' && !text.startsWith('#'))
    .map(({ text, line }) => {
      const split = splitWords(text);
      if (!split.ok) throw new LabError('BPFLAB_CELL_OPTION', `kubectl: line ${line}: ${split.message}.`);
      return { words: split.words.map(word => word.text), input: '' };
    });
  if (commands.length === 0) throw new LabError('BPFLAB_CELL_OPTION', 'kubectl: the cell has no command.');
  return commands;
}
