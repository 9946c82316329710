/**
 * `node cluster/kind/main.mjs up|down|tools`: what `npx bpflab cluster up --kind` needs, on a machine that has neither Docker nor kind nor
 * the internet: an engine of Debian's packages, kind of its Go module, an image for its nodes. For tests: root only.
 * `up` and `tools` print JSON: `{ version: 1, path, env, namespace, nodeImage }`: folders of programs, variables for them, the
 * network namespace that the engine and its ports are in (nsenter --net), the image that the engine has for kind's nodes.
 */
import { mkdtempSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { cacheRoot, removeTree } from '../../bpf/image/cache.mjs';
import { withFileLock } from '../../bpf/image/file-lock.mjs';
import { InstallContext } from '../../bpf/image/install-context.mjs';
import { Progress } from '../../bpf/image/progress.mjs';
import { runCommand } from '../../bpf/image/run-command.mjs';
import { StepError } from '../../bpf/image/step-error.mjs';
import { buildComponents } from '../testbed/build-components.mjs';
import { endEngine, engineOf, provideDocker, startEngine } from './docker-engine.mjs';
import { provideNodeImage } from './node-image.mjs';
import { provideTool } from './tools.mjs';

const cache = cacheRoot();
const progress = new Progress();
const engine = engineOf('/run/bpftestkind');

/** @param {InstallContext} context */
async function up(context) {
  const kind = await provideTool(context, 'kind');
  const programs = await buildComponents(context);
  const docker = await provideDocker(context);
  const node = await provideNodeImage(context, programs);
  await endEngine(engine, docker);
  const step = progress.step('Docker engine');
  try {
    await startEngine(engine, { docker, programs });
    step.update('load the node image');
    const client = join(docker, 'root/usr/bin/docker');
    await runCommand(client, ['--host', `unix://${engine.socket}`, 'load', '--input', node.file], {
      what: 'docker load'
    });
    step.done(engine.socket);
  } catch (error) {
    step.failed();
    await endEngine(engine, docker);
    throw error;
  }
  const path = [kind, join(docker, 'root/usr/bin'), programs];
  const env = { DOCKER_HOST: `unix://${engine.socket}` };
  print({ path, env, namespace: engine.namespace, nodeImage: node.image });
}

/** @param {InstallContext} context */
async function down(context) {
  await endEngine(engine, await provideDocker(context));
}

/** @param {InstallContext} context */
async function tools(context) {
  const path = [await buildComponents(context)];
  for (const name of /** @type {const} */ (['helm', 'registry'])) path.push(await provideTool(context, name));
  print({ path, env: {}, namespace: null, nodeImage: null });
}

function print(/** @type {object} */ value) {
  process.stdout.write(`${JSON.stringify({ version: 1, ...value })}\n`);
}

/** @type {Record<string, (context: InstallContext) => Promise<void>>} */
const commands = { up, down, tools };
const scratch = mkdtempSync(join(tmpdir(), 'bpflab-kind-'));
try {
  const command = commands[process.argv[2] ?? ''];
  if (!command) throw new StepError('BPFLAB_CONFIG_OPTION', `Say up, down or tools, not "${process.argv[2] ?? ''}".`);
  mkdirSync(cache, { recursive: true });
  const waiting = (/** @type {string} */ holder) => progress.note(`Waiting for process ${holder} …`);
  await withFileLock(join(cache, 'locks/kind.lock'), waiting, () =>
    command(new InstallContext({ cache, scratch, progress }))
  );
} catch (error) {
  if (!(error instanceof StepError)) throw error;
  progress.close();
  process.stderr.write(`${error.code}: ${error.message}\n${error.hint}\n${error.details ? `${error.details}\n` : ''}`);
  process.exitCode = 1;
} finally {
  removeTree(scratch);
}
progress.close();
