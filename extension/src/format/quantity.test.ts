import { describe, expect, it } from 'vitest';
import { explainQuantity, formatBytes, formatCount, formatDuration, formatPercent, formatRate } from './quantity.js';

describe('formatDuration', () => {
  it.each([
    [0, '0 ns'],
    [812, '812 ns'],
    [1500, '1.5 µs'],
    [64_210_000, '64.2 ms'],
    [2e9, '2 s'],
    [600e9, '10 min']
  ])('%d ns is %s', (ns, text) => {
    expect(formatDuration(ns)).toBe(text);
  });
});

describe('formatCount', () => {
  it('groups digits and stays exact above 2^53', () => {
    expect(formatCount('18446744073709551615')).toBe('18,446,744,073,709,551,615');
    expect(formatCount('-1204')).toBe('-1,204');
    expect(formatCount('1.5')).toBe('1.5');
  });
});

describe('formatRate, formatPercent, formatBytes', () => {
  it('keep two digits where they matter', () => {
    expect([formatRate(0), formatRate(0.5), formatRate(3.456), formatRate(1234.4)]).toEqual([
      '0',
      '0.50',
      '3.5',
      '1,234'
    ]);
    expect([formatPercent(0), formatPercent(0.00001), formatPercent(0.0123), formatPercent(0.5)]).toEqual([
      '0 %',
      '< 0.01 %',
      '1.2 %',
      '50 %'
    ]);
    expect([formatBytes(512), formatBytes(4096), formatBytes(1.5 * 2 ** 30)]).toEqual(['512 B', '4 KiB', '1.5 GiB']);
  });
});

describe('explainQuantity', () => {
  it('knows the units that columns and histograms have', () => {
    expect(explainQuantity('1500', 'usecs')).toBe('1.5 ms');
    expect(explainQuantity('4', 'kbytes')).toBe('4 KiB');
    expect(explainQuantity('4', 'pages')).toBe('');
    expect(explainQuantity('', 'ns')).toBe('');
  });
});
