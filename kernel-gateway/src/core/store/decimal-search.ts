/** Searches the decimal digits of integers without making their text: a million rows in some tens of milliseconds. */
import { wordsToText } from '../decode/integer-words.js';

const MAX_DIGITS = 20;
const BILLION = 1_000_000_000;

/** True for a number whose decimal text holds the wanted digits (which may begin with "-"). */
export type DecimalTest = (low: number, high: number) => boolean;

/** Digits of one value, from the last one on: `digits[start..MAX_DIGITS)`. */
class DecimalDigits {
  readonly digits = new Uint8Array(MAX_DIGITS);
  start = MAX_DIGITS;

  /** A whole number below 2^53. */
  write(value: number): void {
    this.start = MAX_DIGITS;
    const upper = Math.floor(value / BILLION);
    let rest = (value - upper * BILLION) | 0;
    if (upper > 0) {
      for (let count = 0; count < 9; count++) rest = this.#digit(rest);
      rest = upper | 0;
    }
    do rest = this.#digit(rest);
    while (rest > 0);
  }

  #digit(value: number): number {
    const rest = (value / 10) | 0;
    this.digits[--this.start] = 48 + value - rest * 10;
    return rest;
  }

  has(wanted: Uint8Array): boolean {
    const last = MAX_DIGITS - wanted.length;
    for (let at = this.start; at <= last; at++) {
      let matched = 0;
      while (matched < wanted.length && this.digits[at + matched] === wanted[matched]) matched++;
      if (matched === wanted.length) return true;
    }
    return false;
  }
}

/** A test for the wanted text; it keeps nothing when the text is no part of any number. */
export function decimalTest(wanted: string, signed: boolean): DecimalTest {
  const match = /^(-?)(\d*)$/.exec(wanted);
  if (!match) return () => false;
  const wantsMinus = match[1] === '-';
  const bytes = Uint8Array.from(match[2] ?? '', digit => digit.charCodeAt(0));
  const digits = new DecimalDigits();
  return (low, high) => {
    // Values of more than 53 bits and negative ones are rare: their text is made.
    if (high >= 0x200000) return wordsToText(low, high, signed).includes(wanted);
    if (wantsMinus) return false;
    digits.write(high * 0x100000000 + low);
    return digits.has(bytes);
  };
}
