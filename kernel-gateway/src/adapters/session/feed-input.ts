import { say, type CellContext } from './cell-context.js';
import type { LiveProcess, ProcessInput } from './run-process.js';

/**
 * Feeds the standard input of a cell's process from whoever runs the cell: a front end is asked when the process waits for
 * a line, the command line passes its own input through. Where there is nobody to ask, it is end of file, said once.
 */
export function feedInput(context: CellContext, process: LiveProcess, input: ProcessInput, what: string): void {
  const source = context.input ?? null;
  if (source === null) {
    input.onWaiting(() => {
      say(
        context,
        `${what} reads its standard input, and nobody can be asked here: it gets end of file. ` +
          'Give it input with --stdin TEXT or --stdin-file PATH.',
        'stderr'
      );
      input.end();
    });
  } else if (source.kind === 'stream') {
    void pass(source.chunks, process, input);
  } else {
    input.onWaiting(() => void answer(source.ask(process.takeUnfinishedLine()), input));
  }
}

async function answer(asked: Promise<{ text: string; isEnd: boolean }>, input: ProcessInput): Promise<void> {
  const { text, isEnd } = await asked;
  await input.write(new TextEncoder().encode(text));
  if (isEnd) {
    input.end();
  }
}

/** Ends with the process: what it has not read by then is lost, as in a shell. */
async function pass(chunks: AsyncIterable<Uint8Array>, process: LiveProcess, input: ProcessInput): Promise<void> {
  const iterator = chunks[Symbol.asyncIterator]();
  const ended = process.exited.then(() => null);
  for (;;) {
    const next = await Promise.race([iterator.next(), ended]);
    if (next === null || next.done === true) {
      break;
    }
    await Promise.race([input.write(next.value), ended]);
  }
  input.end();
}
