import { foldedText, foldLog } from '../../core/verifier/fold-log.js';
import { LabError } from '../../protocol/index.js';
import type { SessionCore } from './session-core.js';
import { writeUserFile } from './user-file.js';

/**
 * A log of millions of lines goes whole into NAME.verifier.log beside the notebook, and folded into the notebook. Where
 * there is no notebook, or no such file can be written, it stays as it is.
 */
export async function foldVerifierLog(core: SessionCore, name: string, log: string): Promise<string> {
  const place = core.options.notebook();
  const folded = place === null ? null : foldLog(log);
  if (place === null || folded === null) {
    return log;
  }
  const path = `${name}.verifier.log`;
  try {
    const request = { place, path, force: false, written: core.writtenFiles };
    await writeUserFile(request, async file => {
      await file.write(log);
    });
    return foldedText(folded, path);
  } catch (error) {
    if (error instanceof LabError) {
      return log;
    }
    throw error;
  }
}
