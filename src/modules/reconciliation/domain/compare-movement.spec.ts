import fc from 'fast-check';
import type { MovementKind, StatementLine } from '../../../shared/statement-line';
import { bookLines, keyOfLine, type BookTransaction } from './book-lines';
import { compareMovement, type Finding, type MovementGroup, type RunWindow } from './compare-movement';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const FROM = new Date('2026-01-01T00:00:00Z');
const window: RunWindow = {
  from: FROM,
  to: new Date('2026-02-01T00:00:00Z'),
  asOf: new Date('2026-02-02T00:00:00Z'),
};

function line(kind: MovementKind, id: string, more: Partial<StatementLine> = {}): StatementLine {
  const objects: Partial<Record<MovementKind, string>> = {
    charge: 'ch',
    refund: 're',
    refund_failure: 're',
    payout: 'po',
  };
  const gross = more.gross ?? (kind === 'refund' || kind === 'payout' || kind === 'dispute' ? -2_900n : 2_900n);
  const fee = more.fee ?? (kind === 'charge' ? 114n : 0n);
  const createdAt = more.createdAt ?? new Date('2026-01-10T12:00:00Z');
  return {
    ...{ ref: `txn_${kind}_${id}`, kind, objectRef: `${objects[kind] ?? 'du'}_${id}`, aggregate: 'stripe:cus_1' },
    ...{
      paymentRef: kind === 'charge' ? `pi_${id}` : null,
      status: null,
      currency: 'USD',
      createdAt,
      availableAt: createdAt,
    },
    ...more,
    ...{ gross, fee, net: gross - fee },
  };
}

/** The postings that a line comes to, as the ledger makes them. */
function postingsOf({
  kind,
  objectRef,
  paymentRef,
  ref,
  gross,
  fee,
  currency,
  createdAt: at,
}: StatementLine): BookTransaction[] {
  const object = objectRef ?? '';
  const post = (type: string, key: string, clearing: bigint, kept = 0n, refId = object): BookTransaction => ({
    ...{ id: `jtx_${key}`, type, key: `stripe:${key}`, refId, at, payments: [] },
    clearing: clearing === 0n ? [] : [{ currency, amount: clearing }],
    fees: kept === 0n ? [] : [{ currency, amount: kept }],
  });
  switch (kind) {
    case 'charge': {
      const invoice = object.replace('ch_', 'in_');
      const paid = post('invoice.paid', `${invoice}:paid`, gross, 0n, 'inv');
      const settled = post('charge.settled', `${object}:settled`, -fee, fee, paymentRef ?? '');
      return [{ ...paid, payments: [{ ref: paymentRef ?? '', amount: gross }] }, ...(fee === 0n ? [] : [settled])];
    }
    case 'refund':
      return [post('refund.created', `${object}:refunded`, gross)];
    case 'refund_failure':
      return [post('refund.created.reversed', `${object}:refunded:reversal`, gross)];
    case 'dispute':
      return [post('dispute.withdrawn', `${object}:withdrawn:${ref}`, gross - fee, fee)];
    case 'dispute_reversal':
      return [post('dispute.reinstated', `${object}:reinstated:${ref}`, gross - fee, fee)];
    case 'payout':
      return [post('provider_payout.sent', `${object}:sent`, gross)];
    case 'payout_failure':
      return [post('provider_payout.sent.reversed', `${object}:sent:reversal`, gross)];
    case 'deposit':
      return [post('deposit.received', `${object}:deposited`, gross)];
    case 'fee':
    case 'other':
      return [];
  }
}

function groupsOf(
  lines: readonly StatementLine[],
  transactions: readonly BookTransaction[],
  statuses: Readonly<Record<string, string>> = {},
): MovementGroup[] {
  const books = bookLines(transactions);
  const keys = new Set([...lines.map(keyOfLine), ...books.map(({ key }) => key)]);
  return [...keys].map((key) => {
    const provider = lines.filter((one) => keyOfLine(one) === key);
    return { key, provider, books: books.filter((book) => book.key === key), status: statuses[key] ?? null };
  });
}

function run(lines: readonly StatementLine[], transactions: readonly BookTransaction[]): Finding[] {
  return groupsOf(lines, transactions).flatMap((group) => compareMovement(group, window));
}
const said = (findings: readonly Finding[]): string[] => findings.map(({ key }) => key).sort();

const KINDS: readonly MovementKind[] = [
  'charge',
  'refund',
  'refund_failure',
  'dispute',
  'dispute_reversal',
  'payout',
  'payout_failure',
];

describe('a movement and its postings', () => {
  it.each(KINDS)('of a %s are the same', (kind) => {
    const one = line(kind, 'a');
    expect(run([one], postingsOf(one))).toEqual([]);
  });

  it('an invoice paid in two parts is two charges', () => {
    const [a, b] = [line('charge', 'a', { gross: 1_000n }), line('charge', 'b', { gross: 1_900n })] as const;
    const payments = [
      { ref: 'pi_a', amount: 1_000n },
      { ref: 'pi_b', amount: 1_900n },
    ];
    const [paid, settledA] = postingsOf(a);
    const settledB = postingsOf(b)[1]!;
    const whole = { ...paid!, clearing: [{ currency: 'USD', amount: 2_900n }], payments };
    expect(run([a, b], [whole, settledA!, settledB])).toEqual([]);
    // One unit too little stands out once, and not with each part.
    const less = { ...whole, clearing: [{ currency: 'USD', amount: 2_899n }] };
    expect(said(run([a, b], [less, settledA!, settledB]))).toEqual(['amount:charge:txn_charge_b']);
  });

  it('what was paid elsewhere is no movement', () => {
    const paid = postingsOf(line('charge', 'a'))[0]!;
    const elsewhere: BookTransaction = {
      ...{ ...paid, id: 'jtx_e', type: 'invoice.paid_elsewhere', key: 'stripe:in_a:paid_elsewhere' },
      clearing: [{ currency: 'USD', amount: -2_900n }],
    };
    const unpaid = { payments: [] };
    expect(
      run(
        [],
        [
          { ...paid, ...unpaid },
          { ...elsewhere, ...unpaid },
        ],
      ),
    ).toEqual([]);
  });

  it('a charge in another currency goes through the account to what came in', () => {
    const one = line('charge', 'a', { gross: 3_100n, fee: 120n, currency: 'USD' });
    const [paid, settled] = postingsOf(line('charge', 'a'));
    const euros = { ...paid!, clearing: [{ currency: 'EUR', amount: 2_900n }] };
    const through: BookTransaction = {
      ...settled!,
      clearing: [
        { currency: 'EUR', amount: -2_900n },
        { currency: 'USD', amount: 2_980n },
      ],
      fees: [{ currency: 'USD', amount: 120n }],
    };
    expect(run([one], [euros, through])).toEqual([]);
  });

  it.each([
    ['refund', -2_900n, -3_190n, 'exchanged'],
    ['refund_failure', 2_900n, 3_150n, 'exchanged:returned'],
  ] as const)('a %s in another currency goes through the account at its own rate', (kind, euros, dollars, part) => {
    const one = line(kind, 'a', { gross: dollars, currency: 'USD' });
    const [told] = postingsOf(line(kind, 'a', { gross: euros, currency: 'EUR' }));
    const exchange: BookTransaction = {
      ...{ ...told!, id: 'jtx_x', type: 'refund.exchanged', key: `stripe:re_a:${part}` },
      clearing: [
        { currency: 'EUR', amount: -euros },
        { currency: 'USD', amount: dollars },
      ],
    };
    expect(run([one], [told!, exchange])).toEqual([]);
    expect(said(run([{ ...one, net: one.net + 1n }], [exchange, told!]))).toEqual([`amount:${one.kind}:${one.ref}`]);
    // Nobody has told the movement yet: to be asked for.
    expect(said(run([one], [told!]))).toEqual([`missing_here:${one.kind}:${one.ref}`]);
    expect(said(run([], [told!, exchange]))).toEqual([`missing_there:${one.kind}:${keyOfLine(one)}`]);
  });

  it('a refund that cost something has its fee, and lacks it where nobody has told it', () => {
    const one = line('refund', 'a', { gross: -900n, fee: 25n });
    const [told] = postingsOf(line('refund', 'a', { gross: -900n }));
    const cost: BookTransaction = {
      ...{ ...told!, id: 'jtx_x', type: 'refund.exchanged', key: 'stripe:re_a:exchanged' },
      clearing: [{ currency: 'USD', amount: -25n }],
      fees: [{ currency: 'USD', amount: 25n }],
    };
    expect(run([one], [told!, cost])).toEqual([]);
    expect(said(run([one], [told!]))).toEqual([`amount:${one.kind}:${one.ref}`]);
  });

  it('what a refund took and what came back of it are two movements, whatever else is exchanged', () => {
    const [taken, back] = [line('refund', 'a', { gross: -3_190n }), line('refund_failure', 'a', { gross: 3_150n })];
    const told = [line('refund', 'a'), line('refund_failure', 'a')].flatMap(postingsOf);
    const exchanges = [taken, back].map(({ kind, net, createdAt: at }): BookTransaction => ({
      ...{ id: `jtx_${kind}`, type: 'refund.exchanged', refId: 're_a', at, fees: [], payments: [] },
      key: kind === 'refund' ? 'stripe:re_a:exchanged' : 'stripe:re_a:exchanged:returned',
      clearing: [
        { currency: 'EUR', amount: kind === 'refund' ? 2_900n : -2_900n },
        { currency: 'USD', amount: net },
      ],
    }));
    const euros = told.map((one) => ({ ...one, clearing: one.clearing.map((sum) => ({ ...sum, currency: 'EUR' })) }));
    expect(run([taken, back], [...exchanges, ...euros])).toEqual([]);
  });

  it('a charge without a fee needs no posting of its own', () => {
    const one = line('charge', 'a', { fee: 0n });
    expect(run([one], postingsOf(one))).toEqual([]);
  });

  it('one whose fee nobody has told yet is waited for, and missing after that', () => {
    const one = line('charge', 'a', { createdAt: new Date('2026-01-31T23:30:00Z') });
    const paid = postingsOf(one).slice(0, 1);
    const at = (asOf: string) =>
      groupsOf([one], paid).flatMap((group) => compareMovement(group, { ...window, asOf: new Date(asOf) }));
    expect(at('2026-02-01T00:00:00Z')).toEqual([]);
    expect(said(at('2026-02-01T03:00:00Z'))).toEqual(['missing_here:charge:txn_charge_a']);
  });

  it('a dispute withdrawn, reinstated and withdrawn again is three', () => {
    const times = ['2026-01-10T12:00:00Z', '2026-01-12T12:00:00Z', '2026-01-14T12:00:00Z'].map((at) => new Date(at));
    const lines = (['dispute', 'dispute_reversal', 'dispute'] as const).map((kind, i) =>
      line(kind, 'a', { ref: `txn_${i}`, createdAt: times[i]! }),
    );
    expect(run(lines, lines.flatMap(postingsOf))).toEqual([]);
    const again = { ...lines[2]!, ref: 'txn_9' };
    expect(said(run([...lines, again], lines.flatMap(postingsOf)))).toEqual(['duplicate:dispute:txn_9']);
    // The third alone, untold: it is new, and no copy of the first.
    expect(said(run(lines, lines.slice(0, 2).flatMap(postingsOf)))).toEqual(['missing_here:dispute:txn_2']);
  });

  it('stands otherwise there', () => {
    const one = line('payout', 'a', { status: 'failed' });
    const told = (status: string) =>
      groupsOf([one], postingsOf(one), { 'payout:po_a': status }).flatMap((group) => compareMovement(group, window));
    expect(said(told('paid'))).toEqual(['status:payout:po_a']);
    expect(told('failed')).toEqual([]);
  });

  it.each([
    ['before the window', '2025-12-31T23:59:59Z'],
    ['at its end', '2026-02-01T00:00:00Z'],
  ])('%s is another run’s', (_, at) => {
    expect(run([line('refund', 'a', { createdAt: new Date(at) })], [])).toEqual([]);
  });

  it('a movement of nothing is no break', () => {
    expect(run([line('other', 'a', { gross: 0n, fee: 0n })], [])).toEqual([]);
  });
});

/** A month of movements, each of its own object; disputes in their turns. */
const month = fc
  .array(
    fc.record({
      kind: fc.constantFrom(...KINDS),
      amount: fc.bigInt({ min: 1n, max: 10n ** 12n }),
      fee: fc.bigInt({ min: 0n, max: 1_000n }),
      at: fc.integer({ min: 2 * DAY, max: 29 * DAY }),
      currency: fc.constantFrom('USD', 'EUR', 'JPY'),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((rows) =>
    rows.map(({ kind, amount, fee, at, currency }, i) => {
      const leaves = kind === 'refund' || kind === 'payout' || kind === 'dispute';
      const createdAt = new Date(FROM.getTime() + at);
      const kept = kind === 'charge' || kind === 'dispute' ? fee : 0n;
      return line(kind, String(i), { gross: leaves ? -amount : amount, fee: kept, currency, createdAt });
    }),
  );

describe('a sale by a store', () => {
  const stated = line('charge', 'a', {
    ...{ ref: '2000', objectRef: '2000', paymentRef: '2000', aggregate: 'apple:1000', fee: 0n },
  });
  const [booked] = postingsOf(stated).map((one): BookTransaction => ({
    ...one,
    key: 'apple:2000:paid',
    payments: [{ ref: '2000', amount: 2_900n }],
  }));

  it.each<[string, Partial<StatementLine>, string[]]>([
    ['the same', {}, []],
    ['another price', { gross: 2_800n, net: 2_800n }, ['amount:charge:2000']],
    // Nothing more is told of it: no exchange will explain it.
    ['another currency', { currency: 'EUR' }, ['currency:charge:2000']],
    ['another day', { createdAt: new Date(stated.createdAt.getTime() + 2 * DAY) }, ['date:charge:2000']],
  ])('agrees or not: %s', (_what, change, keys) => {
    expect(said(run([{ ...stated, ...change }], [booked!]))).toEqual(keys);
  });
});

describe('any month', () => {
  it('without a fault has no break, in whatever order the lines come', () => {
    fc.assert(
      fc.property(month, fc.infiniteStream(fc.nat()), (lines, dice) => {
        const shuffled = shuffle(lines, dice);
        expect(run(shuffled, shuffle(lines.flatMap(postingsOf), dice))).toEqual([]);
      }),
    );
  });

  const faults = {
    missing_here: (one: StatementLine) => ({ lines: [one], postings: [] }),
    missing_there: (one: StatementLine) => ({ lines: [], postings: postingsOf(one) }),
    amount: (one: StatementLine) => ({
      lines: [{ ...one, gross: one.gross + 1n, net: one.net + 1n }],
      postings: postingsOf(one),
    }),
    currency: (one: StatementLine) => ({ lines: [{ ...one, currency: 'GBP' }], postings: postingsOf(one) }),
    date: (one: StatementLine) => ({
      lines: [{ ...one, createdAt: new Date(one.createdAt.getTime() + DAY + 1) }],
      postings: postingsOf(one),
    }),
    duplicate: (one: StatementLine) => ({
      lines: [one, { ...one, ref: `${one.ref}_again` }],
      postings: postingsOf(one),
    }),
  };

  it.each(Object.entries(faults))('with one %s has that break and no other', (type, fault) => {
    fc.assert(
      fc.property(month, fc.nat(), fc.infiniteStream(fc.nat()), (lines, pick, dice) => {
        const one = lines[pick % lines.length]!;
        // What comes back is dated by whoever told; a charge that cost nothing by its invoice.
        fc.pre(type !== 'date' || !(one.kind.endsWith('failure') || (one.kind === 'charge' && one.fee === 0n)));
        // Without its posting of what came in, or its exchange, they are missing: there is something to ask for.
        fc.pre(type !== 'currency' || one.kind !== 'charge' || one.fee !== 0n);
        fc.pre(type !== 'currency' || !one.kind.startsWith('refund'));
        const wrong = fault(one);
        const others = lines.filter((other) => other !== one);
        const found = run(
          shuffle([...others, ...wrong.lines], dice),
          shuffle([...others.flatMap(postingsOf), ...wrong.postings], dice),
        );
        expect(found.map((finding) => finding.type)).toEqual([type]);
      }),
    );
  });
});

function shuffle<T>(items: readonly T[], dice: Iterator<number>): T[] {
  const left = [...items];
  const out: T[] = [];
  while (left.length > 0) out.push(...left.splice((dice.next().value as number) % left.length, 1));
  return out;
}
