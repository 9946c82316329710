import { spawn } from 'node:child_process';
import { imageSteps } from './run-image-steps.js';
import { LabError } from '../protocol/index.js';

/** The lab image as a file. */
export interface LabArchive {
  /** Absolute path of an archive that `ctr images import`, `docker load` and `kind load image-archive` take. */
  file: string;
  /** Its name with the tag. */
  image: string;
}

/**
 * Packs the lab image unless that was done; its progress goes to our standard error.
 *
 * @throws LabError BPFLAB_IMAGE_BUILD when that failed; the step has said why
 */
export async function provideLabArchive(): Promise<LabArchive> {
  const child = spawn(process.execPath, [imageSteps, 'archive', '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  const status = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', code => resolve(code ?? 1));
  });
  if (status !== 0) throw new LabError('BPFLAB_IMAGE_BUILD', 'The lab image was not packed — see above.');
  const { file, image } = JSON.parse(text) as LabArchive;
  return { file, image };
}
