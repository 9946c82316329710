import { AddressTable, type NamedAddress } from './address-table.js';

const LINE = /^([0-9a-f]+) ([A-Za-z]) (\S+)(?:\s+\[([^\]]+)\])?$/;
/** Text symbols of nm(1): only code is called. */
const CODE = /^[tTwW]$/;

/**
 * Reads /proc/kallsyms: the kernel's functions, those of modules and of BPF programs.
 *
 * @returns null when the kernel hides the addresses (kptr_restrict: all of them are 0)
 */
export function readKernelSymbols(text: string): AddressTable | null {
  const entries: NamedAddress[] = [];
  let from = 0;
  while (from < text.length) {
    const end = text.indexOf('\n', from);
    const line = text.slice(from, end < 0 ? text.length : end);
    from = end < 0 ? text.length : end + 1;
    const match = LINE.exec(line);
    if (!match || !CODE.test(match[2] ?? '')) continue;
    const address = BigInt(`0x${match[1]}`);
    if (address !== 0n) entries.push({ address, name: match[3] ?? '', origin: match[4] ?? '' });
  }
  return entries.length === 0 ? null : new AddressTable(entries);
}
