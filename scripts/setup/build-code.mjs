import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCommand } from '../../bpf/image/run-command.mjs';
import { checkout, hashOfFiles, productNode, readStamp } from './checkout.mjs';

const protocolAndGateway = ['kernel-gateway/src', 'kernel-gateway/package.json', 'kernel-gateway/tsconfig.json'];
const extension = ['src', 'style', 'schema', 'locale', 'app', 'package.json', 'tsconfig.json'];
const inputs = [
  'package-lock.json',
  'tsconfig.base.json',
  'tsconfig.json',
  ...protocolAndGateway,
  ...extension.map(name => `extension/${name}`)
];

/**
 * @typedef {object} Part
 * @property {string} name - of the progress line
 * @property {string} stamp - file that holds the hash of the inputs of the last good build
 * @property {string} output - a file of the result
 * @property {string[]} command - for the product's Node
 * @property {boolean} [checksInputs] - the build looks at its inputs itself, which are fewer, and may leave the output
 */

/** @type {Part} */
const typescript = {
  name: 'TypeScript',
  stamp: 'kernel-gateway/lib/.built',
  output: 'kernel-gateway/lib/main.js',
  command: ['node_modules/typescript-native/bin/tsc', '-b', 'kernel-gateway', 'extension']
};

/** @type {Part} */
const application = {
  name: 'Application',
  stamp: 'extension/lib/.built',
  output: 'extension/app/dist/app.json',
  command: ['extension/app/build.mjs'],
  checksInputs: true
};

/** @typedef {import('../../bpf/image/progress.mjs').Progress} Progress */

/**
 * Compiles TypeScript when its inputs are not those of the last build.
 *
 * @param {Progress} progress
 */
export function buildGateway(progress) {
  return build(progress, hashOfFiles(inputs), typescript);
}

/**
 * Builds the JupyterLab application likewise; TypeScript is compiled before it.
 *
 * @param {Progress} progress
 */
export function buildApplication(progress) {
  return build(progress, hashOfFiles(inputs), application);
}

/**
 * @param {Progress} progress
 * @param {string} key
 * @param {Part} part
 */
async function build(progress, key, { name, stamp, output, command, checksInputs }) {
  const step = progress.step(name);
  if (readStamp(stamp) === key && existsSync(join(checkout, output))) {
    step.cached();
    return;
  }
  step.update('build');
  const before = modifiedMs(output);
  try {
    rmSync(join(checkout, stamp), { force: true });
    await runCommand(productNode(), command, { cwd: checkout, what: `The build of ${name}` });
    mkdirSync(dirname(join(checkout, stamp)), { recursive: true });
    writeFileSync(join(checkout, stamp), `${key}\n`);
  } catch (error) {
    step.failed();
    throw error;
  }
  if (checksInputs && before !== null && before === modifiedMs(output)) step.cached();
  else step.done('built');
}

/** @param {string} file */
function modifiedMs(file) {
  return statSync(join(checkout, file), { throwIfNoEntry: false })?.mtimeMs ?? null;
}
