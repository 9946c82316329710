import { describe, expect, it } from 'vitest';
import { plainText } from './plain-text.js';

describe('text that others wrote', () => {
  it('shows what would turn the direction of a line, or hide', () => {
    expect(plainText('user\u202etxt.exe')).toBe('user\\u202etxt.exe');
    expect(plainText('a\u2066b\u2069\u200bc\u0007')).toBe('a\\u2066b\\u2069\\u200bc\\u0007');
  });

  it('is else as it is, in any script', () => {
    const text = '进程 процесс مرحبا <b>&amp;</b>\tend\n';
    expect(plainText(text)).toBe(text);
  });
});
