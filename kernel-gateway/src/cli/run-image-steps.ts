import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The steps that make images and kernels; plain Node, so that npm start can run them before anything is built. */
export const imageSteps = fileURLToPath(new URL('../../../bpf/image/main.mjs', import.meta.url));

/** Runs a step in a process of its own, on our terminal; its exit status becomes ours. */
export async function runImageSteps(parameters: string[]): Promise<void> {
  const child = spawn(process.execPath, [imageSteps, ...parameters], { stdio: 'inherit' });
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', status => resolve(status ?? 1));
  });
}
