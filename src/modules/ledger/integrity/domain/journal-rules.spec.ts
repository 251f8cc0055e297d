import { createHash } from 'node:crypto';
import { rulesBroken } from './journal-rules';
import type { SealedTransaction } from './seal';

function transaction(changes: Partial<SealedTransaction> = {}): SealedTransaction {
  const made: SealedTransaction = {
    ...{ id: 'jtx_1', seq: '1', xactId: '700', type: 'invoice.paid', ts: '0', recordedAt: '0', provider: 'stripe' },
    ...{
      refId: 'inv_1',
      customerId: null,
      idempotencyKey: 'stripe:in_1:paid',
      reversesId: null,
      meta: '{}',
      contentHash: '',
    },
    entries: [
      [0, 'stripe.clearing', '5', 'USD'],
      [1, 'customer.receivable', '-5', 'USD'],
    ],
    ...changes,
  };
  const lines = made.entries.map(([, account, amount, currency]) => `${account} ${currency} ${amount}`).sort();
  const content = [made.type, made.refId, ...lines].join('\n');
  return { ...made, contentHash: createHash('sha256').update(content).digest('hex') };
}

describe('a journal transaction by itself', () => {
  it.each<[string, Partial<SealedTransaction>]>([
    ['as a template makes it', {}],
    [
      'with an occurrence',
      {
        type: 'dispute.lost',
        idempotencyKey: 'stripe:dp_1:lost:2',
        entries: [
          [0, 'disputes.lost', '5', 'USD'],
          [1, 'disputes.held', '-5', 'USD'],
        ],
      },
    ],
    [
      'of Kassa itself',
      {
        type: 'revenue.released',
        provider: 'kassa',
        idempotencyKey: 'kassa:inv_1:released:1',
        entries: [
          [0, 'revenue.deferred', '5', 'USD'],
          [1, 'revenue.subscription', '-5', 'USD'],
        ],
      },
    ],
    [
      'that reverses',
      {
        type: 'refund.created.reversed',
        reversesId: 'jtx_0',
        idempotencyKey: 'stripe:re_1:refunded:reversal',
        entries: [
          [0, 'revenue.refunds', '-5', 'USD'],
          [1, 'stripe.clearing', '5', 'USD'],
        ],
      },
    ],
  ])('is sound %s', (_name, changes) => {
    expect(rulesBroken(transaction(changes))).toEqual([]);
  });

  it.each<[string, Partial<SealedTransaction>, string]>([
    ['no entries', { entries: [] }, 'has no entries'],
    [
      'a sum that is off',
      {
        entries: [
          [0, 'stripe.clearing', '5', 'USD'],
          [1, 'customer.receivable', '-4', 'USD'],
        ],
      },
      'is off by 1 USD',
    ],
    [
      'a sum across currencies',
      {
        entries: [
          [0, 'stripe.clearing', '5', 'USD'],
          [1, 'customer.receivable', '-5', 'EUR'],
        ],
      },
      'is off by 5 USD',
    ],
    ['a type of nobody', { type: 'gift' }, 'is of the type gift, which no template makes'],
    ['an inherited name for a type', { type: 'toString' }, 'is of the type toString, which no template makes'],
    [
      'the key of another kind',
      { idempotencyKey: 'stripe:in_1:voided' },
      'has a key that is not of the form stripe:<object>:paid[:<occurrence>]',
    ],
    [
      'the key of a longer kind',
      { idempotencyKey: 'stripe:in_1:paid_elsewhere' },
      'has a key that is not of the form stripe:<object>:paid[:<occurrence>]',
    ],
    [
      'a key of no object',
      { idempotencyKey: 'stripe::paid' },
      'has a key that is not of the form stripe:<object>:paid[:<occurrence>]',
    ],
    [
      'the key of another provider',
      { idempotencyKey: 'apple:in_1:paid' },
      'has a key that is not of the form stripe:<object>:paid[:<occurrence>]',
    ],
    ['a reversal unsaid', { reversesId: 'jtx_0' }, 'reverses, and its type does not say so'],
    [
      'a reversal of what nothing undoes',
      { type: 'invoice.paid.reversed', reversesId: 'jtx_0', idempotencyKey: 'stripe:in_1:paid:reversal' },
      'reverses a posting that nothing undoes',
    ],
    [
      'an account of another template',
      {
        entries: [
          [0, 'fees.stripe', '5', 'USD'],
          [1, 'customer.receivable', '-5', 'USD'],
        ],
      },
      'may not move fees.stripe',
    ],
    [
      'an account of nobody',
      {
        entries: [
          [0, 'my.pocket', '5', 'USD'],
          [1, 'customer.receivable', '-5', 'USD'],
        ],
      },
      'moves my.pocket, which is not in the chart of accounts',
    ],
  ])('is not with %s', (_name, changes, message) => {
    expect(rulesBroken(transaction(changes)).map((broken) => broken.message)).toContain(message);
  });

  it('is not what was posted where its content has another hash', () => {
    expect(rulesBroken({ ...transaction(), refId: 'inv_2' }).map(({ kind }) => kind)).toEqual(['content']);
  });
});
