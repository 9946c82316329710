/** What a process has mapped, from /proc/PID/maps (proc_pid_maps(5)). */

/** An executable mapping; `path` is empty for memory without a name. Addresses are of the process. */
export interface ProcessMapping {
  start: bigint;
  end: bigint;
  /** Of the mapping's start in the file. */
  fileOffset: bigint;
  /** `major:minor` and inode: the same file by any name. */
  file: string;
  path: string;
}

const LINE = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) ([0-9a-f]+) (\S+) (\d+)\s*(.*)$/;

/** Executable mappings, in the order of their addresses; lines that are none are left out. */
export function readProcessMaps(text: string): ProcessMapping[] {
  return text.split('\n').flatMap(line => {
    const match = LINE.exec(line);
    if (!match?.[3]?.includes('x')) return [];
    const path = (match[7] ?? '').replace(/ \(deleted\)$/, '');
    return [
      {
        start: BigInt(`0x${match[1]}`),
        end: BigInt(`0x${match[2]}`),
        fileOffset: BigInt(`0x${match[4]}`),
        file: `${match[5]} ${match[6]}`,
        path
      }
    ];
  });
}

/** The mapping that an address is in. */
export function mappingOf(mappings: readonly ProcessMapping[], address: bigint): ProcessMapping | undefined {
  return mappings.find(mapping => address >= mapping.start && address < mapping.end);
}
