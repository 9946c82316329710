#!/usr/bin/env node
/** `npx bpflab …`: the command line, on the Node that npm brings; it is built first when its sources have changed. */
import { Progress } from '../bpf/image/progress.mjs';
import { reportFailure } from './setup/report-failure.mjs';
import { runProduct } from './setup/run-product.mjs';
import { setUpCommandLine } from './setup/set-up.mjs';

try {
  const progress = new Progress(process.stderr, { quietWhenCached: true });
  await setUpCommandLine({ progress });
  progress.close();
  process.exitCode = await runProduct(process.argv.slice(2));
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
process.exit();
