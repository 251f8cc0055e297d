import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  comparePlaces,
  ContentDigest,
  sealHash,
  transactionLine,
  type Seal,
  type SealBody,
  type SealedTransaction,
} from './seal';
import { parseSealLine, sealFileEnd, sealLine } from './seal-file';
import { nextRanges, SealDraft } from './seal-plan';

const transaction: SealedTransaction = {
  ...{
    id: 'jtx_1',
    seq: '7',
    xactId: '742',
    type: 'invoice.paid',
    ts: '1767225600.123456',
    recordedAt: '1767225601.000000',
  },
  ...{ provider: 'stripe', refId: 'inv_1', customerId: null, idempotencyKey: 'stripe:in_1:paid', contentHash: 'ab' },
  ...{ reversesId: null, meta: '{"note": "a\\"b"}' },
  entries: [
    [0, 'stripe.clearing', '9007199254740993', 'USD'],
    [1, 'customer.receivable', '-9007199254740993', 'USD'],
  ],
};
const body: SealBody = {
  ...{ number: 2n, previousHash: 'cd'.repeat(32), afterSeq: 0n, last: { xactId: 742n, seq: 7n }, maxSeq: 9n },
  ...{ transactions: 1, entries: 2, contentHash: 'ef'.repeat(32), sealedAt: new Date('2026-01-01T00:00:02.5Z') },
};

describe('what is hashed', () => {
  it('is a line of JSON per transaction, in which every column and every digit stands', () => {
    expect(transactionLine(transaction)).toBe(
      '["jtx_1","7","742","invoice.paid","1767225600.123456","1767225601.000000","stripe","inv_1",null,"stripe:in_1:paid","ab",null,' +
        '"{\\"note\\": \\"a\\\\\\"b\\"}",[[0,"stripe.clearing","9007199254740993","USD"],[1,"customer.receivable","-9007199254740993","USD"]]]\n',
    );
  });

  it('is a line of JSON per seal, the hash of the one before included', () => {
    const line = `["kassa.ledger.seal.1","2","0","742","7","9",1,2,"${body.contentHash}","2026-01-01T00:00:02.500Z","${body.previousHash ?? ''}"]`;
    expect(sealHash(body)).toBe(createHash('sha256').update(line).digest('hex'));
  });

  it.each<[string, Partial<SealedTransaction>]>([
    ['id', { id: 'jtx_2' }],
    ['seq', { seq: '8' }],
    ['xact id', { xactId: '743' }],
    ['type', { type: 'invoice.voided' }],
    ['time', { ts: '1767225600.123457' }],
    ['time of recording', { recordedAt: '1767225601.000001' }],
    ['provider', { provider: 'kassa' }],
    ['reference', { refId: 'inv_2' }],
    ['customer', { customerId: 'null' }],
    ['key', { idempotencyKey: 'stripe:in_2:paid' }],
    ['content hash', { contentHash: 'ac' }],
    ['reversal', { reversesId: '' }],
    ['meta', { meta: '{}' }],
    ['an amount', { entries: [[0, 'stripe.clearing', '9007199254740992', 'USD'], ...transaction.entries.slice(1)] }],
    ['an order', { entries: transaction.entries.toReversed() }],
    ['a missing entry', { entries: transaction.entries.slice(1) }],
  ])('is another with another %s', (_name, change) => {
    expect(transactionLine({ ...transaction, ...change })).not.toBe(transactionLine(transaction));
  });

  it('does not let one text flow over into the next, whatever is in it', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, text, text, text, (a, b, c, d) => {
        fc.pre(a !== c || b !== d);
        const line = (refId: string, customerId: string): string =>
          transactionLine({ ...transaction, refId, customerId });
        expect(line(a, b)).not.toBe(line(c, d));
      }),
    );
  });
});

describe('the chain', () => {
  const rows: SealedTransaction[] = [
    { ...transaction, xactId: '741', seq: '9' },
    { ...transaction, xactId: '742', seq: '7' },
  ];
  const sealed = (last: Seal | null): Seal => {
    const draft = new SealDraft(0n);
    for (const row of rows) draft.add(row);
    return draft.end({ last }, body.sealedAt)!;
  };

  it('begins with the first and goes on with the hash of the last', () => {
    const first = sealed(null);
    expect(first).toMatchObject({
      ...{ number: 1n, previousHash: null, last: { xactId: 742n, seq: 7n }, maxSeq: 9n, transactions: 2, entries: 4 },
      hash: sealHash(first),
    });
    const second = sealed(first);
    expect(second).toMatchObject({ number: 2n, previousHash: first.hash, contentHash: first.contentHash });
    expect(second.hash).not.toBe(first.hash);
  });

  it('has no seal over nothing', () => {
    expect(new SealDraft(0n).end({ last: sealed(null) }, body.sealedAt)).toBeNull();
  });

  it('digests one after the other as all at once', () => {
    const digest = new ContentDigest();
    for (const row of rows) digest.add(row);
    expect(digest.end()).toBe(createHash('sha256').update(rows.map(transactionLine).join('')).digest('hex'));
  });

  it('goes on behind the last place, by transaction id and then by seq', () => {
    const last = sealed(null);
    expect(nextRanges({ last: null, moved: false, movedSeq: 0n })).toEqual([
      { afterSeq: 0n, after: { xactId: 0n, seq: 0n }, throughSeq: null },
    ]);
    expect(nextRanges({ last, moved: false, movedSeq: 0n })).toEqual([
      { afterSeq: 0n, after: { xactId: 742n, seq: 7n }, throughSeq: null },
    ]);
    expect(comparePlaces({ xactId: 741n, seq: 9n }, { xactId: 742n, seq: 7n })).toBe(-1);
    expect(comparePlaces({ xactId: 742n, seq: 9n }, { xactId: 742n, seq: 7n })).toBe(1);
    expect(comparePlaces({ xactId: 742n, seq: 7n }, { xactId: 742n, seq: 7n })).toBe(0);
  });

  it('ends the old rows before it begins anew where the database has moved', () => {
    const last = sealed(null);
    expect(nextRanges({ last, moved: true, movedSeq: 12n })).toEqual([
      { afterSeq: 0n, after: { xactId: 742n, seq: 7n }, throughSeq: 12n },
      { afterSeq: 12n, after: { xactId: 0n, seq: 0n }, throughSeq: null },
    ]);
  });
});

describe('the file of seals', () => {
  const seal = { ...body, hash: sealHash(body) };

  it('is read back as it was written', () => {
    expect(parseSealLine(sealLine(seal))).toEqual(seal);
    expect(parseSealLine(sealFileEnd(2n, seal.hash))).toEqual({ end: true, seals: '2', head: seal.hash });
  });

  it.each([
    ['another number', sealLine(seal).replace('"number":"2"', '"number":"3"')],
    ['another count', sealLine(seal).replace('"entries":2', '"entries":4')],
    ['another hash', sealLine(seal).replace(seal.hash, 'ab'.repeat(32))],
    ['text for a number', sealLine(seal).replace('"number":"2"', '"number":"two"')],
    ['no time', sealLine(seal).replace('2026-01-01T00:00:02.500Z', 'soon')],
    ['a cut line', sealLine(seal).slice(0, 40)],
    ['an end that says nothing', '{"end":true}'],
    ['a list', '[]'],
    ['nothing', ''],
  ])('is not believed with %s', (_name, line) => {
    expect(parseSealLine(line)).toBeNull();
  });
});
