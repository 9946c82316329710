/** From a refusal with a log of 1 MB to its explanation: log, object and debug information are read anew each time. */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { cacheRoot } from '../../kernel-gateway/lib/adapters/install/cache-root.js';
import { createToolchain } from '../../kernel-gateway/lib/adapters/toolchain/create-toolchain.js';
import { AgentRequestError } from '../../kernel-gateway/lib/core/agent/agent-request-error.js';
import { refusalDiagnosis } from '../../kernel-gateway/lib/core/session/refusal-diagnosis.js';
import { limitRow } from './figures.mjs';

const NAME = 'map-value-bounds';
const root = path.join(import.meta.dirname, '../..');
const LOG_BYTES = 1024 * 1024;
const LIMIT_MS = 200;

/** A recorded log whose beginning, up to the instruction that is refused, is there many times: as many turns of a loop. */
function largeLog() {
  const log = readFileSync(path.join(root, `test/fixtures/verifier/6.12-${NAME}.log`), 'utf8');
  const at = log.indexOf('13: (79)');
  return log.slice(0, at).repeat(Math.ceil(LOG_BYTES / at)) + log.slice(at);
}

/** @param {import('./bench.mjs').Bench} bench */
export async function benchExplain(bench) {
  const sessionFolder = path.join(bench.folder, 'explain-session');
  mkdirSync(sessionFolder);
  const body = readFileSync(path.join(root, `labs/rejections/${NAME}/wrong.bpf.c`), 'utf8');
  const toolchain = createToolchain(bench.installed, cacheRoot());
  try {
    const request = { name: 'explain', body, bodyLine: 1, pristine: false, sessionFolder };
    const outcome = await toolchain.compileBpf(request, new AbortController().signal);
    if (outcome.kind !== 'built') throw new Error(`${NAME} was not compiled`);
    const error = new AgentRequestError('load', {
      code: 'BPFLAB_VERIFIER_REJECTED',
      message: 'refused',
      subject: 'count'
    });
    const refusal = { error, log: largeLog(), object: outcome.build.object, cell: { body, bodyLine: 1 } };
    const ms = [];
    for (let round = -1; round < bench.rounds * 2; round++) {
      const startedAt = performance.now();
      const { bundle } = refusalDiagnosis(refusal);
      if (round >= 0) ms.push(performance.now() - startedAt);
      if (bundle.explanation?.kind !== 'map-value-bounds') throw new Error('the explanation is not the right one');
    }
    return [limitRow('explanation of a refusal, log of 1 MB', ms, LIMIT_MS)];
  } finally {
    await toolchain.close();
  }
}
