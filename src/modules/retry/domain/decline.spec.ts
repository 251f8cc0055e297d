import { DECLINE_TABLE, SOURCES } from './decline-table';
import { classify } from './decline';

const said = (
  declineCode: string | null,
  adviceCode: string | null = null,
  networkAdviceCode: string | null = null,
) => ({
  declineCode,
  adviceCode,
  networkAdviceCode,
});

describe('what a decline means', () => {
  it.each<[string, ReturnType<typeof said>, object]>([
    ['no funds', said('insufficient_funds'), { class: 'soft', known: true, waitMs: 0 }],
    ['a bank that does not say why', said('do_not_honor'), { class: 'soft', known: true }],
    [
      'a bank that does not say why, and says that it will not',
      said('do_not_honor', 'do_not_try_again'),
      { class: 'hard' },
    ],
    ['a lost card', said('lost_card'), { class: 'fraud' }],
    ['a lost card, whatever is advised', said('lost_card', 'try_again_later'), { class: 'fraud' }],
    ['an expired card', said('expired_card'), { class: 'hard' }],
    ['wrong card data', said('generic_decline', 'confirm_card_data'), { class: 'hard' }],
    ['a customer who is asked for', said('authentication_required'), { class: 'authentication' }],
    [
      'one who is asked for by the invoice',
      said('invoice_payment_intent_requires_action'),
      { class: 'authentication' },
    ],
    ['a stop by Mastercard', said('insufficient_funds', 'try_again_later', '03'), { class: 'hard' }],
    ['a customer who stopped recurring payments', said('generic_decline', null, '21'), { class: 'hard' }],
    ['a wait of two days', said('insufficient_funds', null, '26'), { class: 'soft', waitMs: 2 * 86_400_000 }],
    ['a new code', said('moon_phase'), { class: 'soft', known: false }],
    ['a new code that may be tried again', said('moon_phase', 'try_again_later'), { class: 'soft', known: true }],
    ['nothing', said(null), { class: 'soft', known: false, waitMs: 0 }],
  ])('%s', (_title, decline, expected) => {
    expect(classify(decline)).toMatchObject(expected);
  });

  it('names a source for each code, and each code once', () => {
    expect(DECLINE_TABLE.size).toBeGreaterThan(60);
    for (const [code, { source }] of DECLINE_TABLE) {
      expect(code).toMatch(/^[a-z_]+$/);
      expect(SOURCES[source]).toMatch(/^https:\/\/docs\.stripe\.com\//);
    }
  });
});
