import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownerMark, ownerState } from './owner-mark.js';

const NAME = /^bpflab-[a-z]+\.([\w-]+)\.\w{6}$/;

/**
 * A new folder of this process for temporary files; the caller removes it. Those that killed processes of this user and
 * this machine have left are removed first, nobody else's.
 *
 * @param kind - lower-case letters, for who looks at the folder
 */
export function makeOwnFolder(kind: string): Promise<string> {
  sweep(tmpdir());
  return mkdtemp(join(tmpdir(), `bpflab-${kind}.${ownerMark()}.`));
}

function sweep(folder: string): void {
  for (const name of readdirSync(folder)) {
    const owner = NAME.exec(name)?.[1];
    if (owner === undefined || ownerState(owner) !== 'gone') continue;
    const place = join(folder, name);
    try {
      const status = lstatSync(place);
      if (status.isDirectory() && status.uid === process.geteuid?.()) rmSync(place, { recursive: true, force: true });
    } catch {
      // Another start has removed it first.
    }
  }
}
