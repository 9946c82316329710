import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** What we know of a kind cluster that we make or have made; of any other there is no note. */
const kindNote = z.object({
  version: z.literal(1),
  name: z.string(),
  /** `making`: begun and not ended, so it is not whole. */
  state: z.enum(['making', 'made']),
  /** The kubeconfig's current context before; null: there was none. */
  formerContext: z.string().nullable(),
  /** The Docker network "kind" was made with it. */
  hasMadeNetwork: z.boolean()
});

/** See `kindNote`. */
export type KindNote = z.infer<typeof kindNote>;

const fileOf = (cache: string, name: string): string => join(cache, 'clusters', `kind-${name}.json`);

/** Reads the note of a cluster; null when there is none that can be read. */
export function readKindNote(cache: string, name: string): KindNote | null {
  try {
    return kindNote.parse(JSON.parse(readFileSync(fileOf(cache, name), 'utf8')));
  } catch {
    return null;
  }
}

/** Writes it whole or not at all. */
export function writeKindNote(cache: string, note: KindNote): void {
  const file = fileOf(cache, note.name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(note));
  renameSync(`${file}.new`, file);
}

/** Forgets a cluster. */
export function removeKindNote(cache: string, name: string): void {
  rmSync(fileOf(cache, name), { force: true });
}
