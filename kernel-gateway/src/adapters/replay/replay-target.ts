import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { TargetProvider } from '../../core/index.js';
import { LabError } from '../../protocol/index.js';
import { decodeRecording } from './recording-format.js';
import { ReplayChannel } from './replay-channel.js';

/** What the `replay` target plays. */
export interface ReplayTargetOptions {
  /** A recording file; each session plays it from the start. */
  file: string;
  /** 1: with the recorded pauses (default); Infinity: without. */
  speed?: number;
}

/** The `replay` target: answers as a recorded agent did; needs neither kernel nor cluster. */
export function createReplayTarget({ file, speed = 1 }: ReplayTargetOptions): TargetProvider {
  return {
    name: 'replay',
    describe: () => `the recording ${path.basename(file)}`,
    open: async () => {
      const bytes = await readFile(file).catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        throw new LabError('BPFLAB_TARGET_START', `Cannot read the recording ${file} — ${why}.`, { cause: error });
      });
      return new ReplayChannel(decodeRecording(bytes), speed);
    }
  };
}
