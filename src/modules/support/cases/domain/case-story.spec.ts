import type { DunningCase, RecoveryAttempt } from '../../../retry';
import type { CaseFile } from '../case-file';
import { outcomeOf, storyOf } from './case-story';
import { meaningOf } from './decline-words';

const at = (hour: number): Date => new Date(Date.UTC(2026, 1, 15, hour));
const invoice = { id: 'inv_1', providerId: 'in_1', firstFailedAt: at(11), createdAt: at(10) } as CaseFile['invoice'];
const standing = {
  ...{ owner: 'kassa', status: 'recovered', closeReason: 'paid', openedAt: at(11), graceUntil: at(20) },
  ...{ closedAt: at(14), latePaidAt: null },
} as DunningCase;
const attempt = (number: number, status: string, over: object = {}): RecoveryAttempt =>
  ({
    number,
    strategy: 'scheduled',
    status,
    dueAt: at(12),
    finishedAt: null,
    startedAt: null,
    ...over,
  }) as RecoveryAttempt;
const fact = (hour: number, kind: string, objectId = 'in_1'): CaseFile['facts'][number] => ({
  ...{ id: 'fact_1', at: at(hour), kind, objectType: kind.split('.')[0] ?? '', objectId },
  ...{ status: null, declineCode: null, sourceId: 'evt_1' },
});
const file = (over: Partial<CaseFile>): CaseFile => ({
  ...{ invoice, subscription: null, policy: {} as CaseFile['policy'], standing: null, attempts: [], declines: [] },
  ...{ reminders: [], facts: [], tickets: [], access: [] },
  ...over,
});
const told = (over: Partial<CaseFile>): string[] =>
  storyOf(file(over)).map(({ at: when, summary }) => `${when.getUTCHours()} ${summary}`);

describe('the story of a declined renewal', () => {
  it('puts what was told, done and had in one order', () => {
    const declines = [{ at: at(11), code: 'insufficient_funds', class: 'soft', meaning: 'No money' }] as const;
    const step = { to: null, planId: null, status: 'active', until: null, plan: 'PRO' } as const;
    expect(
      told({
        standing,
        declines: [...declines],
        facts: [fact(10, 'invoice.finalized'), fact(11, 'invoice.payment_failed'), fact(14, 'invoice.paid')],
        attempts: [
          attempt(1, 'failed', { finishedAt: at(12), declineCode: 'insufficient_funds' }),
          attempt(2, 'succeeded', { finishedAt: at(14) }),
        ],
        reminders: [
          { day: 0, status: 'sent', dueAt: at(11), toldAt: at(11) },
          { day: 3, status: 'skipped', dueAt: at(11), toldAt: at(12) },
        ],
        access: [
          { ...step, from: at(1), access: true, reason: 'paid' },
          { ...step, from: at(11), access: true, reason: 'grace' },
          { ...step, from: at(14), access: true, reason: 'paid' },
        ],
      }),
    ).toEqual([
      '10 The invoice was issued',
      '11 Declined (insufficient_funds): No money',
      '11 Followed up by Kassa until 2026-02-15T20:00:00.000Z',
      '11 Reminded, day 0',
      '11 Access goes on, by grace (PRO)',
      '12 Attempt 1 (scheduled) was declined (insufficient_funds)',
      '14 The invoice was paid',
      '14 Recovered (paid)',
      '14 Attempt 2 (scheduled) was paid',
      '14 Access, as paid (PRO)',
    ]);
  });

  it.each<[string, Partial<CaseFile>, string[]]>([
    ['nothing at all', {}, []],
    ['what is not this invoice', { facts: [fact(11, 'invoice.paid', 'in_2'), fact(11, 'payment.created')] }, []],
    [
      'the end at the provider',
      { facts: [fact(12, 'subscription.deleted', 'sub_1')] },
      ['12 The subscription was canceled at the provider'],
    ],
    ['what is planned', { attempts: [attempt(1, 'scheduled')] }, ['12 Attempt 1 (scheduled) is planned']],
    [
      'what nobody knows',
      { attempts: [attempt(1, 'unknown', { startedAt: at(13) })] },
      ['13 Attempt 1 (scheduled) is under way; its outcome is not known yet'],
    ],
    ['a last notice', { reminders: [{ day: 7, status: 'final', dueAt: at(20), toldAt: at(20) }] }, ['20 Last notice']],
    [
      'money that came too late',
      { standing: { ...standing, status: 'exhausted', closeReason: 'grace_over', latePaidAt: at(15) } },
      [
        '11 Followed up by Kassa until 2026-02-15T20:00:00.000Z',
        '14 Given up: nothing more is tried (grace_over)',
        '15 Paid after all, when it was too late',
      ],
    ],
  ])('tells of %s', (_name, over, lines) => {
    expect(told(over)).toEqual(lines);
  });

  it('says what has become of it', () => {
    expect(outcomeOf({ standing, invoice })).toBe('recovered');
    expect(outcomeOf({ standing: null, invoice })).toBe('not_followed_up');
    expect(outcomeOf({ standing: null, invoice: { ...invoice, firstFailedAt: null } })).toBe('never_failed');
  });
});

describe('a decline in plain words', () => {
  it.each([
    ['insufficient_funds', 'soft', 'There is not enough money on the account. It may go through later'],
    ['lost_card', 'fraud', /^The card was reported lost; the customer is not to be told so\. This method will not pay/],
    ['authentication_required', 'authentication', 'The bank wants the customer to confirm the payment himself'],
    [null, 'soft', 'It may go through later'],
    ['constructor', 'hard', 'This method will not pay: another one is needed'],
  ] as const)('%s', (code, kind, meaning) => {
    expect(meaningOf(code, kind)).toEqual(meaning instanceof RegExp ? expect.stringMatching(meaning) : meaning);
  });
});
