import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appNames } from './app-names.js';
import { readAppReport } from './app-script.js';
import { needsLack, readLessonNeeds } from './lesson-needs.js';

describe('the programs of a Makefile', () => {
  it('expands variables, joins lines and leaves comments out', () => {
    const makefile = [
      'APPS = one two \\',
      '       three # four',
      'ifeq ($(CARGO),)',
      'RUST_APPS :=',
      'else',
      'RUST_APPS := five',
      'APPS += $(RUST_APPS)',
      'endif',
      'all: $(APPS)'
    ].join('\n');
    expect(appNames(makefile)).toEqual(['one', 'two', 'three', 'five']);
  });

  it('tells a Makefile without APPS from one without programs', () => {
    expect(appNames('all: x\n')).toBeNull();
    expect(appNames('APPS =\n')).toEqual([]);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), text => appNames(text) === null || Array.isArray(appNames(text))));
  });
});

describe('what a lesson says that it needs', () => {
  const needs = readLessonNeeds(
    'level=Depth\nkernel_min=6.10\nkernel_config=CONFIG_BPF=y,CONFIG_UHID=y|m\nhardware=none\n'
  );
  const config = (uhid: string): Map<string, string> =>
    new Map([
      ['CONFIG_BPF', 'y'],
      ['CONFIG_UHID', uhid]
    ]);

  it('reads versions as numbers, not as text', () => {
    expect(needs.kernelMin).toEqual([6, 10]);
    expect(needsLack(needs, { release: '6.9.1', config: null })).toBe('the lesson needs Linux 6.10');
    expect(needsLack(needs, { release: '6.12.3-cloud', config: null })).toBeNull();
    expect(needsLack(needs, { release: '7.3.4', config: null })).toBeNull();
  });

  it('names the option that is missing', () => {
    expect(needsLack(needs, { release: '6.12.3', config: config('n') })).toBe('it was built without CONFIG_UHID');
    expect(needsLack(needs, { release: '6.12.3', config: config('m') })).toBeNull();
    expect(needsLack(needs, { release: '6.12.3', config: config('y') })).toBeNull();
  });

  it('asks for nothing where nothing is said', () => {
    expect(needsLack(readLessonNeeds(''), { release: '5.4.0', config: new Map() })).toBeNull();
  });
});

describe('the report of a program', () => {
  it('reads what the script has found', () => {
    const text =
      '@@kept EXEC ls\n@@attached 1\n@@status 130\n@@left program 7 xdp\n@@output\nTIME EVENT\n@@attached 0\n';
    expect(readAppReport(text)).toEqual({
      attached: true,
      status: 130,
      kept: 'EXEC ls',
      left: ['program 7 xdp'],
      output: 'TIME EVENT\n@@attached 0\n'
    });
  });

  it('knows a script that did not come to its end', () => {
    expect(readAppReport('@@attached 1\n')).toBeNull();
  });
});
