import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { complete } from './complete.js';
import { helpText, listMagics } from './help.js';
import { inspect } from './inspect.js';
import { isComplete } from './is-complete.js';
import { magicTable } from './magic.table.js';

/** Completion where `|` stands in the text. */
const at = (text: string): { matches: string[]; word: string } => {
  const cursor = text.indexOf('|');
  const plain = text.replace('|', '');
  const { matches, start, end } = complete(plain, cursor);
  return { matches, word: plain.slice(start, end) };
};

describe('complete', () => {
  it.each([
    ['%%b|', ['%%bpf', '%%bpftrace'], '%%b'],
    ['%ma|', ['%maps'], '%ma'],
    ['%%bpf x --ke|', ['--keep-maps'], '--ke'],
    ['SEC("kprobe/do_|")', [], 'kprobe/do_'],
    ['SEC("tcx/|")', ['tcx/ingress', 'tcx/egress'], 'tcx/'],
    ['bpf_get_current_u|', ['bpf_get_current_uid_gid'], 'bpf_get_current_u'],
    ['struct my_event { int x; };\nstruct my_|', ['my_event'], 'my_']
  ])('completes %s', (text, matches, word) => {
    expect(at(text)).toEqual({ matches, word });
  });

  it('offers every kind of section, with the slash where a target comes', () => {
    const { matches } = at('SEC("|');
    expect(matches).toEqual(
      expect.arrayContaining(['kprobe/', 'fentry/', 'xdp', 'lsm/', 'struct_ops/', 'cgroup/connect4'])
    );
  });

  it('never throws, and its range is in the text', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: -5, max: 50 }), (text, cursor) => {
        const { start, end } = complete(text, cursor);
        expect(start >= 0 && start <= end && end <= text.length).toBe(true);
        inspect(text, cursor);
        isComplete(text);
      })
    );
  });
});

describe('inspect', () => {
  it.each([
    ['%%bp|f x', 'usage', false],
    ['%%bpf| x', '%%bpf [NAME] [OPTIONS]', true],
    ['SEC("fentry/do_unl|inkat")', 'SEC("fentry/FUNCTION")', true],
    ['x = bpf_ktime_|get_ns();', 'Nanoseconds since boot', true],
    ['nothing| here', '', false]
  ])('explains %s', (text, part, found) => {
    const cursor = text.indexOf('|');
    const answer = inspect(text.replace('|', ''), cursor);
    if (found) expect(answer.text).toContain(part);
    expect(answer.found).toBe(found || text.startsWith('%%bp|f'));
  });
});

describe('isComplete', () => {
  it.each([
    ['int x;', 'complete'],
    ['int f(void) {', 'incomplete'],
    ['int f(void) { return 0; }', 'complete'],
    ['int f(void) { return (0; }', 'invalid'],
    ['/* open', 'complete'],
    ['int x; /* open', 'incomplete'],
    ['%maps', 'complete'],
    ['%nope', 'invalid'],
    ['#define X \\', 'incomplete'],
    ['int', 'incomplete']
  ])('%j is %s', (text, expected) => expect(isComplete(text)).toBe(expected));
});

describe('help', () => {
  it('has a text for every magic, with all of its options', () => {
    for (const magic of magicTable) {
      const text = helpText((magic.scope === 'cell' ? '%%' : '%') + magic.name);
      expect(text).toContain(magic.usage);
      for (const option of magic.options) expect(text).toContain(`--${option.name}`);
      expect(listMagics()).toContain(magic.summary);
    }
    expect(helpText('%nope')).toBe('There is no magic "%nope".\n');
  });
});
