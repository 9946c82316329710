import type { AgentConnection } from '../../../core/index.js';
import type { AddressTable } from '../../../core/symbols/address-table.js';
import {
  fileAddress,
  readElfFunctions,
  readElfLayout,
  type ElfLayout,
  type ReadPart
} from '../../../core/symbols/elf-symbols.js';
import { readTargetFile } from '../read-target-file.js';

/** Symbol tables that are kept, by build id; the one that was used longest ago goes. */
const KEPT = 64;
const functionsByBuildId = new Map<string, Promise<AddressTable>>();

/** A file of a target that code runs from. */
interface ElfFile {
  layout: ElfLayout;
  functions: AddressTable;
}

/** The programs and libraries of one target, each read once; symbol tables are shared between targets by build id. */
export class ElfFiles {
  readonly #connection: AgentConnection;
  readonly #files = new Map<string, Promise<ElfFile | null>>();

  constructor(connection: AgentConnection) {
    this.#connection = connection;
  }

  /**
   * The function that a byte of a file belongs to; null when the file has no name for it, or cannot be read.
   * `file.id` is the same for the same file by any name; `file.path` is where the target sees it.
   */
  async find(file: { id: string; path: string }, fileOffset: bigint): Promise<{ name: string; offset: bigint } | null> {
    let reading = this.#files.get(file.id);
    if (reading === undefined) {
      reading = this.#read(file.path);
      this.#files.set(file.id, reading);
    }
    const elf = await reading;
    const address = elf === null ? null : fileAddress(elf.layout, fileOffset);
    return elf === null || address === null ? null : elf.functions.find(address);
  }

  async #read(path: string): Promise<ElfFile | null> {
    const read: ReadPart = (offset, maxBytes) =>
      maxBytes === 0
        ? Promise.resolve(new Uint8Array(0))
        : readTargetFile(this.#connection, { path, offset, maxBytes });
    try {
      const layout = await readElfLayout(read);
      return layout === null ? null : { layout, functions: await sharedFunctions(layout, read) };
    } catch {
      // The file is gone, or is none; its frames stay addresses, and the view says so.
      return null;
    }
  }
}

function sharedFunctions(layout: ElfLayout, read: ReadPart): Promise<AddressTable> {
  const { buildId } = layout;
  if (buildId === '') return readElfFunctions(layout, read);
  const reading = functionsByBuildId.get(buildId) ?? readElfFunctions(layout, read);
  functionsByBuildId.delete(buildId);
  functionsByBuildId.set(buildId, reading);
  reading.catch(() => functionsByBuildId.delete(buildId));
  for (const oldest of [...functionsByBuildId.keys()].slice(0, -KEPT)) functionsByBuildId.delete(oldest);
  return reading;
}
