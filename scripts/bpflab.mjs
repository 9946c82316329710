#!/usr/bin/env node
/** `npx bpflab …`: the command line, on the Node that npm brings; it is built first when its sources have changed. */
import { Progress } from '../bpf/image/progress.mjs';
import { reportFailure } from './setup/report-failure.mjs';
import { runProduct } from './setup/run-product.mjs';
import { setUpCommandLine } from './setup/set-up.mjs';

/** Of the command line as everything else; but on a machine where nothing is installed yet. */
async function bundle() {
  const { runBundle } = await import('./setup/bundle.mjs');
  await runBundle(process.argv.slice(3));
}

async function product() {
  const progress = new Progress(process.stderr, { quietWhenCached: true });
  await setUpCommandLine({ progress });
  progress.close();
  process.exitCode = await runProduct(process.argv.slice(2));
}

try {
  await (process.argv[2] === 'bundle' ? bundle() : product());
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
process.exit();
