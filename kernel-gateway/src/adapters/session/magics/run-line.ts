import { helpText, listMagics } from '../../../core/cells/help.js';
import type { LineMagic } from '../../../core/index.js';
import { say, type CellContext } from '../cell-context.js';
import { checkMagic, hintMagic, solutionMagic } from '../labs/lab-magics.js';
import { btfMagic } from './btf-magic.js';
import { nodesMagic, podsMagic } from './cluster-magics.js';
import { mapsMagic } from './maps-magic.js';
import { linksMagic, progsMagic } from './progs-magic.js';
import { recordMagic } from './record-magic.js';
import { saveMagic } from './save-magic.js';
import { setMagic } from './set-magic.js';
import { stopMagic } from './stop-magic.js';
import { kernelsMagic, resetMagic, targetMagic } from './target-magics.js';
import { waitMagic } from './wait-magic.js';

type RunMagic = (context: CellContext, args: readonly string[]) => Promise<void> | void;

const magics: Readonly<Record<string, RunMagic>> = {
  maps: mapsMagic,
  progs: progsMagic,
  links: linksMagic,
  btf: btfMagic,
  target: targetMagic,
  kernels: kernelsMagic,
  set: setMagic,
  save: saveMagic,
  stop: stopMagic,
  reset: resetMagic,
  record: recordMagic,
  wait: waitMagic,
  check: checkMagic,
  hint: hintMagic,
  solution: solutionMagic,
  nodes: nodesMagic,
  pods: podsMagic,
  preflight: async (context, args) => (await import('./preflight-magic.js')).preflightMagic(context, args),
  lsmagic: context => say(context, listMagics())
};

/** Runs one line magic; the parser has checked that there is such a one. */
export async function runLine(context: CellContext, magic: LineMagic): Promise<void> {
  if (magic.help) {
    say(context, helpText(`%${magic.name}`));
    return;
  }
  const run = magics[magic.name];
  if (run === undefined) {
    throw new Error(`the magic table has "%${magic.name}", and nothing runs it`);
  }
  await run(context, magic.args);
}
