import fc from 'fast-check';
import { creditSplits, type CreditableLine } from './credit-lines';

const line = (ref: string, amount: bigint, more: Partial<CreditableLine> = {}): CreditableLine => ({
  ...{ ref, amount, discount: 0n, taxOnTop: 0n, credited: 0n },
  ...more,
});
const best = (asked: bigint, lines: readonly CreditableLine[], step = 1n) => {
  const [split] = creditSplits(asked, lines, step);
  return split && [split.total, split.lines.map(({ ref, amount }) => `${ref} ${String(amount)}`).join(', ')];
};
const GERMAN = line('a', 2_900n, { taxOnTop: 551n });

describe('creditSplits', () => {
  it.each<[string, bigint, CreditableLine[], [bigint, string]]>([
    ['a whole line with its tax', 3_451n, [GERMAN], [3_451n, 'a 2900']],
    ['a part of it', 1_000n, [GERMAN], [1_000n, 'a 840']],
    ['what an earlier note left', 2_451n, [{ ...GERMAN, credited: 840n }], [2_451n, 'a 2060']],
    ['the closest where rounding leaves a gap', 3n, [GERMAN], [4n, 'a 3']],
    [
      'two lines about in proportion',
      238n,
      [line('a', 100n, { taxOnTop: 19n }), line('b', 300n, { taxOnTop: 57n })],
      [238n, 'b 149, a 51'],
    ],
    [
      'both lines in full',
      476n,
      [line('a', 100n, { taxOnTop: 19n }), line('b', 300n, { taxOnTop: 57n })],
      [476n, 'b 300, a 100'],
    ],
    ['a gap of one line that the other fills', 3n, [GERMAN, { ...GERMAN, ref: 'b' }], [3n, 'a 2, b 1']],
    ['tax that the price contains', 1_000n, [line('a', 2_900n)], [1_000n, 'a 1000']],
    ['what a discount leaves', 2_588n, [line('a', 2_900n, { discount: 725n, taxOnTop: 413n })], [2_588n, 'a 2900']],
    ['half of that', 1_294n, [line('a', 2_900n, { discount: 725n, taxOnTop: 413n })], [1_294n, 'a 1450']],
    [
      'nothing of what the invoice gives back',
      119n,
      [line('a', 200n, { taxOnTop: 38n }), line('b', -100n, { taxOnTop: -19n })],
      [119n, 'a 100'],
    ],
    ['nothing of what was free', 10n, [line('a', 50n, { discount: 50n }), line('b', 20n)], [10n, 'b 10']],
    ['no more than is left', 500n, [line('a', 100n), line('b', 100n, { credited: 60n })], [140n, 'a 100, b 40']],
  ])('credits %s', (_what, asked, lines, expected) => {
    expect(best(asked, lines)).toEqual(expected);
  });

  it('keeps to multiples of the step', () => {
    const dinar = line('a', 10_000n, { taxOnTop: 1_000n });
    expect(best(5_500n, [dinar], 10n)).toEqual([5_500n, 'a 5000']);
    for (const { lines } of creditSplits(5_432n, [dinar], 10n)) {
      for (const { amount } of lines) expect(amount % 10n).toBe(0n);
    }
  });

  it.each<[string, CreditableLine[]]>([
    ['no lines', []],
    ['lines that are credited', [{ ...GERMAN, credited: 2_900n }]],
    ['lines that gave something back', [line('a', -100n)]],
  ])('finds nothing on %s', (_what, lines) => {
    expect(creditSplits(100n, lines, 1n)).toEqual([]);
  });

  const percent = fc.bigInt({ min: 0n, max: 30n });
  const anyLine = fc
    .record({
      amount: fc.bigInt({ min: 1n, max: 100_000n }),
      rate: percent,
      off: fc.bigInt({ min: 0n, max: 99n }),
      credited: fc.bigInt({ min: 0n, max: 100n }),
    })
    .map(({ amount, rate, off, credited }) => {
      const discount = (amount * off) / 100n;
      return line('', amount, {
        discount,
        taxOnTop: ((amount - discount) * rate + 50n) / 100n,
        credited: (amount * credited) / 100n,
      });
    });
  const anyLines = fc
    .array(anyLine, { minLength: 1, maxLength: 5 })
    .map((lines) => lines.map((one, index) => ({ ...one, ref: String(index) })));

  it('never credits more of a line than is left, each line once, closest first', () => {
    fc.assert(
      fc.property(anyLines, fc.bigInt({ min: 1n, max: 400_000n }), (lines, asked) => {
        const away = (total: bigint) => (total < asked ? asked - total : total - asked);
        const splits = creditSplits(asked, lines, 1n);
        splits.forEach((split, index) => {
          const refs = split.lines.map(({ ref }) => ref);
          expect(new Set(refs).size).toBe(refs.length);
          for (const { ref, amount } of split.lines) {
            const { amount: whole, credited } = lines[Number(ref)]!;
            expect(amount > 0n && amount <= whole - credited).toBe(true);
          }
          if (index > 0) expect(away(split.total) >= away(splits[index - 1]!.total)).toBe(true);
        });
      }),
    );
  });

  it('meets what some amount of a single line comes to', () => {
    const parts = fc.tuple(anyLine, fc.bigInt({ min: 1n, max: 100_000n }));
    fc.assert(
      fc.property(parts, ([one, wish]) => {
        const left = one.amount - one.credited;
        fc.pre(left > 0n);
        const part = (wish % left) + 1n;
        const half = (value: bigint) => (2n * value * part + one.amount) / (2n * one.amount);
        const asked = part - half(one.discount) + half(one.taxOnTop);
        fc.pre(asked > 0n);
        expect(creditSplits(asked, [one], 1n)[0]?.total).toBe(asked);
      }),
    );
  });

  it('is within a unit for each of lines that are worth what they cost', () => {
    const taxed = fc.tuple(fc.bigInt({ min: 50n, max: 100_000n }), percent);
    const lines = fc
      .array(taxed, { minLength: 1, maxLength: 5 })
      .map((all) =>
        all.map(([amount, rate], index) => line(String(index), amount, { taxOnTop: (amount * rate) / 100n })),
      );
    fc.assert(
      fc.property(lines, fc.bigInt({ min: 1n, max: 400_000n }), (all, wish) => {
        const whole = all.reduce((sum, { amount, taxOnTop }) => sum + amount + taxOnTop, 0n);
        const asked = (wish % whole) + 1n;
        const total = creditSplits(asked, all, 1n)[0]?.total ?? 0n;
        expect(total >= asked - 1n && total <= asked + 1n).toBe(true);
      }),
    );
  });
});
