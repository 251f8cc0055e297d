import fc from 'fast-check';
import { amountToRefund, type Refundable } from './refundable';

const payment = (more: Partial<Refundable> = {}): Refundable => ({
  status: 'succeeded',
  amount: 2_900n,
  refunded: 0n,
  disputes: [],
  ...more,
});
const codeOf = (value: unknown): unknown => (typeof value === 'bigint' ? value : (value as { code: string }).code);

describe('amountToRefund', () => {
  it.each<[string, Partial<Refundable>, bigint | null, bigint | string]>([
    ['all', {}, null, 2_900n],
    ['a part', {}, 1n, 1n],
    ['all to the cent', {}, 2_900n, 2_900n],
    ['the rest', { refunded: 2_899n }, null, 1n],
    ['a cent too much', {}, 2_901n, 'REFUND_EXCEEDS_PAYMENT'],
    ['a cent more than the rest', { refunded: 2_000n }, 901n, 'REFUND_EXCEEDS_PAYMENT'],
    ['nothing left', { refunded: 2_900n }, null, 'REFUND_EXCEEDS_PAYMENT'],
    ['failed', { status: 'failed' }, null, 'PAYMENT_NOT_REFUNDABLE'],
    ['pending', { status: 'pending' }, 1n, 'PAYMENT_NOT_REFUNDABLE'],
    ['disputed', { disputes: ['needs_response'] }, 1n, 'PAYMENT_DISPUTED'],
    ['under review', { disputes: ['won', 'under_review'] }, 1n, 'PAYMENT_DISPUTED'],
    ['lost to the bank', { disputes: ['lost'] }, 1n, 'PAYMENT_DISPUTED'],
    ['won from the bank', { disputes: ['won'] }, 1n, 1n],
    ['only asked about', { disputes: ['warning_needs_response'] }, 1n, 1n],
  ])('%s', (_name, more, asked, expected) => {
    expect(codeOf(amountToRefund(payment(more), asked))).toBe(expected);
  });

  it('never gives back more than was paid, in however many parts', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 10_000n), fc.array(fc.bigInt(1n, 10_000n)), (amount, asked) => {
        let refunded = 0n;
        for (const part of asked) {
          const given = amountToRefund(payment({ amount, refunded }), part);
          if (typeof given === 'bigint') refunded += given;
        }
        expect(refunded <= amount).toBe(true);
      }),
    );
  });
});
