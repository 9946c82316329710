/** Random C types for the proof of typed decoding: what a C compiler lays out, nothing else is assumed. */
import fc from 'fast-check';

/** A type without members. `c` is written in front of the name. */
type Scalar =
  | { kind: 'int'; c: string; bits: number; signed: boolean }
  | { kind: 'bool' }
  | { kind: 'float'; c: 'float' | 'double' }
  | { kind: 'pointer'; c: string }
  | { kind: 'wide'; c: string }
  | { kind: 'enum'; values: { name: string; value: bigint }[]; size: 4 | 8 };

/** A member; `width` of a bit-field, `dimensions` of an array. Members of an unnamed struct or union have no name. */
export interface Field {
  name: string;
  type: Scalar | Aggregate | { kind: 'chars'; length: number };
  width: number;
  dimensions: number[];
  aligned: number;
}

export interface Aggregate {
  kind: 'struct' | 'union';
  packed: boolean;
  fields: Field[];
}

const ints: Scalar[] = [
  ['signed char', 8, true],
  ['unsigned char', 8, false],
  ['short', 16, true],
  ['unsigned short', 16, false],
  ['int', 32, true],
  ['unsigned int', 32, false],
  ['long long', 64, true],
  ['unsigned long long', 64, false],
  ['__s32', 32, true],
  ['u64_alias', 64, false],
  ['const volatile unsigned', 32, false]
].map(([c, bits, signed]) => ({ kind: 'int', c: String(c), bits: Number(bits), signed: Boolean(signed) }));

let serial = 0;

const enumType = fc
  .record({ large: fc.boolean(), negative: fc.boolean(), count: fc.integer({ min: 1, max: 5 }) })
  .map(({ large, negative, count }): Scalar => {
    const id = serial++;
    const values = Array.from({ length: count }, (_unused, index) => ({
      name: `E${id}_${'ABCDE'[index]}`,
      value: BigInt(index * 7 + 1) * (negative && index === 1 ? -1n : 1n)
    }));
    if (large) values.push({ name: `E${id}_LARGE`, value: 0x123456789abn });
    return { kind: 'enum', values, size: large ? 8 : 4 };
  });

const scalar: fc.Arbitrary<Scalar> = fc.oneof(
  { arbitrary: fc.constantFrom(...ints), weight: 10 },
  { arbitrary: fc.constant<Scalar>({ kind: 'bool' }), weight: 1 },
  { arbitrary: fc.constantFrom<Scalar>({ kind: 'float', c: 'float' }, { kind: 'float', c: 'double' }), weight: 1 },
  {
    arbitrary: fc.constantFrom<Scalar>({ kind: 'pointer', c: 'void *' }, { kind: 'pointer', c: 'struct peer *' }),
    weight: 1
  },
  { arbitrary: fc.constant<Scalar>({ kind: 'wide', c: 'unsigned __int128' }), weight: 1 },
  { arbitrary: enumType, weight: 2 }
);

const plain = { width: 0, dimensions: [], aligned: 0 };

const scalarField: fc.Arbitrary<Omit<Field, 'name'>> = fc
  .record({ type: scalar, aligned: fc.constantFrom(0, 0, 0, 0, 8, 16) })
  .map(field => ({ ...plain, ...field }));
const bitField: fc.Arbitrary<Omit<Field, 'name'>> = fc
  .record({
    type: fc.oneof(fc.constantFrom(...ints.slice(0, 9)), fc.constant<Scalar>({ kind: 'bool' }), enumType),
    part: fc.double({ min: 0, max: 1, noNaN: true })
  })
  .map(({ type, part }) => {
    const bits = type.kind === 'int' ? type.bits : type.kind === 'enum' ? type.size * 8 : 1;
    // A narrower enum could not hold its own values, which C allows and nobody means.
    const least = type.kind === 'enum' ? (type.size === 8 ? 44 : 8) : 1;
    return { ...plain, type, width: least + Math.floor(part * (bits - least)) };
  });
const arrayField: fc.Arbitrary<Omit<Field, 'name'>> = fc
  .record({ type: scalar, dimensions: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 2 }) })
  .map(field => ({ ...plain, ...field }));
const charsField: fc.Arbitrary<Omit<Field, 'name'>> = fc
  .record({ length: fc.integer({ min: 1, max: 24 }), dimensions: fc.constantFrom<number[]>([], [], [2]) })
  .map(({ length, dimensions }) => ({ ...plain, dimensions, type: { kind: 'chars', length } }));

function aggregate(depth: number): fc.Arbitrary<Aggregate> {
  const nested = depth === 0 ? scalarField : nestedField(depth);
  const field = fc.oneof(
    { arbitrary: scalarField, weight: 6 },
    { arbitrary: bitField, weight: 4 },
    { arbitrary: arrayField, weight: 2 },
    { arbitrary: charsField, weight: 2 },
    { arbitrary: nested, weight: 3 }
  );
  return fc
    .record({
      kind: fc.constantFrom<'struct' | 'union'>('struct', 'struct', 'struct', 'union'),
      packed: fc.constantFrom(false, false, false, true),
      fields: fc.array(field, { minLength: 1, maxLength: depth === 2 ? 9 : 4 })
    })
    .map(type => ({ ...type, fields: type.fields.map(one => ({ ...one, name: nameOf(one) })) }));
}

function nestedField(depth: number): fc.Arbitrary<Omit<Field, 'name'> & { unnamed: boolean }> {
  return fc
    .record({ type: aggregate(depth - 1), unnamed: fc.boolean(), repeat: fc.constantFrom<number[]>([], [], [2]) })
    .map(({ type, unnamed, repeat }) => ({ ...plain, type, unnamed, dimensions: unnamed ? [] : repeat }));
}

function nameOf(field: Omit<Field, 'name'> & { unnamed?: boolean }): string {
  return field.unnamed ? '' : `f${serial++}`;
}

/** The same layouts for the same seed. */
export function randomLayouts(count: number, seed: number): Aggregate[] {
  serial = 0;
  const top = aggregate(2).map(type => ({ ...type, kind: 'struct' as const }));
  return fc.sample(top, { numRuns: count, seed });
}
