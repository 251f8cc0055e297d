import type { InvoiceStatus } from '../../../../shared/facts';
import type { CreditNoteTarget } from '../../../../providers/stripe';
import { whyNotCreditable } from './creditable';

const TARGETS: readonly CreditNoteTarget[] = ['owed', 'refund', 'credit', 'out_of_band'];
const codeOf = (status: InvoiceStatus, target: CreditNoteTarget, amount = 1n): string | undefined =>
  whyNotCreditable({ status, amountPaid: 700n, amountRemaining: 300n }, amount, target)?.code;

describe('whyNotCreditable', () => {
  it.each<[InvoiceStatus, CreditNoteTarget[]]>([
    ['draft', []],
    ['open', ['owed']],
    ['uncollectible', []],
    ['paid', ['refund', 'credit', 'out_of_band']],
    ['void', []],
  ])('an invoice that is %s takes %j', (status, takes) => {
    for (const target of TARGETS) {
      expect(codeOf(status, target)).toBe(takes.includes(target) ? undefined : 'INVALID_STATE_TRANSITION');
    }
  });

  it.each<[InvoiceStatus, CreditNoteTarget, bigint]>([
    ['open', 'owed', 300n],
    ['paid', 'refund', 700n],
    ['paid', 'credit', 700n],
    ['paid', 'out_of_band', 700n],
  ])('of an invoice that is %s, as %s, up to %i', (status, target, most) => {
    expect(codeOf(status, target, most)).toBeUndefined();
    expect(codeOf(status, target, most + 1n)).toBe('CREDIT_NOTE_EXCEEDS_INVOICE');
  });
});
