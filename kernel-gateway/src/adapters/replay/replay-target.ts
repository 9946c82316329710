import path from 'node:path';
import type { TargetProvider } from '../../core/index.js';
import { createOwnClock } from './playback-clock.js';
import { RecordingFile } from './recording-file.js';
import { unreadable } from './recording-format.js';
import { ReplayChannel } from './replay-channel.js';
import { readScript } from './replay-script.js';

/** What the `replay` target plays. */
export interface ReplayTargetOptions {
  /** A recording file; each session plays the first target in it from the start. */
  file: string;
  /** 1: with the recorded pauses (default); Infinity: without. */
  speed?: number;
}

/** The `replay` target: answers as a recorded agent did; needs neither kernel nor cluster. */
export function createReplayTarget({ file: name, speed = 1 }: ReplayTargetOptions): TargetProvider {
  return {
    name: 'replay',
    describe: () => `the recording ${path.basename(name)}`,
    open: async () => {
      const file = new RecordingFile(name);
      try {
        const { channels } = await readScript(file);
        const [script] = channels;
        if (script === undefined) throw unreadable('no target was opened in it');
        return new ReplayChannel({ file, script, clock: createOwnClock(speed), onEnd: () => file.close() });
      } catch (error) {
        file.close();
        throw error;
      }
    }
  };
}
