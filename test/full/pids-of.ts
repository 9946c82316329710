import { readdirSync, readFileSync } from 'node:fs';

/** Processes of this machine whose command line has all these words; the NUL between two of its words counts as a letter. */
export function pidsOf(...words: string[]): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(pid => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return words.every(word => command.includes(word));
      } catch {
        return false;
      }
    })
    .map(Number);
}
