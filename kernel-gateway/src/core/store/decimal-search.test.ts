import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decimalTest } from './decimal-search.js';

it('finds digits where the decimal text has them', () => {
  const value = fc.oneof(
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    fc.bigInt({ min: 0n, max: 5_000_000_000n }),
    fc.constantFrom(0n, 999_999_999n, 1_000_000_000n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n)
  );
  fc.assert(
    fc.property(value, fc.stringMatching(/^-?\d{0,3}$/), fc.boolean(), (bits, wanted, signed) => {
      const text = String(signed ? BigInt.asIntN(64, bits) : bits);
      const found = decimalTest(wanted, signed)(Number(bits & 0xffffffffn), Number(bits >> 32n));
      expect(found, `${wanted} in ${text}`).toBe(text.includes(wanted));
    }),
    { numRuns: 2000, seed: 4 }
  );
  expect(decimalTest('x', false)(1, 0)).toBe(false);
});
