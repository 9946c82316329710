/**
 * Kernel release in which helpers were added, by their number in enum bpf_func_id: numbers are given in order of time, so
 * that the last number of each release says it (git tags of include/uapi/linux/bpf.h).
 */
const LAST_NUMBER: readonly (readonly [last: number, release: string])[] = [
  [3, '3.19'],
  [11, '4.1'],
  [16, '4.2'],
  [22, '4.3'],
  [25, '4.4'],
  [26, '4.5'],
  [30, '4.6'],
  [36, '4.8'],
  [41, '4.9'],
  [44, '4.10'],
  [45, '4.11'],
  [47, '4.12'],
  [50, '4.13'],
  [53, '4.14'],
  [57, '4.15'],
  [59, '4.16'],
  [64, '4.17'],
  [80, '4.18'],
  [83, '4.19'],
  [90, '4.20'],
  [92, '5.0'],
  [98, '5.1'],
  [108, '5.2'],
  [110, '5.3'],
  [115, '5.5'],
  [119, '5.6'],
  [124, '5.7'],
  [135, '5.8'],
  [141, '5.9'],
  [155, '5.10'],
  [162, '5.11'],
  [163, '5.12'],
  [165, '5.13'],
  [168, '5.14'],
  [175, '5.15'],
  [179, '5.16'],
  [185, '5.17'],
  [193, '5.18'],
  [203, '5.19'],
  [207, '6.0'],
  [209, '6.1'],
  [211, '6.2']
];

/** Release in which the helper of a number came, null for a number that is later than this table. */
export function helperRelease(id: number): string | null {
  return LAST_NUMBER.find(([last]) => id <= last)?.[1] ?? null;
}
