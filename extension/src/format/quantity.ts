const DURATION_STEPS: [limitNs: number, divisor: number, unit: string][] = [
  [1e3, 1, 'ns'],
  [1e6, 1e3, 'µs'],
  [1e9, 1e6, 'ms'],
  [60e9, 1e9, 's']
];

/** Three significant digits, no exponent. */
const short = (value: number): string =>
  value >= 100 ? String(Math.round(value)) : value.toPrecision(3).replace(/\.?0+$/, '');

/** A duration for people: `812 ns`, `1.5 ms`, `3.2 s`, `75 min`. */
export function formatDuration(ns: number): string {
  for (const [limitNs, divisor, unit] of DURATION_STEPS) {
    if (ns < limitNs) {
      return `${ns === 0 ? '0' : short(ns / divisor)} ${unit}`;
    }
  }
  return `${short(ns / 60e9)} min`;
}

/** A count with digits in groups of three, exact: `1,204`. Text that is no integer is given back as it is. */
export const formatCount = (count: string): string =>
  /^-?\d+$/.test(count) ? count.replace(/\B(?=(\d{3})+(?!\d))/g, ',') : count;

/** A rate per second: `1,204`, `3.5`, `0`. */
export const formatRate = (perSecond: number): string =>
  perSecond >= 10 ? formatCount(String(Math.round(perSecond))) : perSecond === 0 ? '0' : perSecond.toPrecision(2);

/** A share of one CPU: `0.02 %`, `14 %`. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  if (percent === 0) {
    return '0 %';
  }
  return percent < 0.01 ? '< 0.01 %' : `${percent >= 10 ? Math.round(percent) : percent.toPrecision(2)} %`;
}

/** Bytes in binary units: `4 KiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
  let value = bytes;
  let step = 0;
  while (value >= 1024 && step < units.length - 1) {
    value /= 1024;
    step++;
  }
  return `${short(value)} ${units[step] ?? ''}`;
}

const NS_PER_UNIT: Record<string, number> = {
  ns: 1,
  nsecs: 1,
  us: 1e3,
  µs: 1e3,
  usecs: 1e3,
  ms: 1e6,
  msecs: 1e6,
  s: 1e9,
  secs: 1e9
};
const BYTES_PER_UNIT: Record<string, number> = { B: 1, bytes: 1, kb: 1024, kbytes: 1024, mb: 1024 * 1024 };

/** What a raw number in a column of that unit means to people; empty when the number says it already. */
export function explainQuantity(value: string, unit: string): string {
  const number = Number(value);
  if (!Number.isFinite(number) || value === '') {
    return '';
  }
  const [ns, bytes] = [NS_PER_UNIT[unit], BYTES_PER_UNIT[unit]];
  if (ns !== undefined) {
    return formatDuration(number * ns);
  }
  return bytes === undefined ? '' : formatBytes(number * bytes);
}
