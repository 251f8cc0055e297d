import { list, of, PAGE, words, type Route } from './route';

const BOOKKEEPERS = ['finance', 'admin'] as const;
const QUOTE = words('quoteId rate fee sourceAmount sourceCurrency targetAmount targetCurrency expiresAt');
const PAYOUT = [
  ...words('id status beneficiary.id beneficiary.name beneficiary.account customerId amount currency reference'),
  ...[...of('quote', QUOTE), ...of('offeredQuote', QUOTE)],
  ...words('prepared.by prepared.at approvals.by approvals.at cancelRequestedAt providerId failureCode'),
];
const HISTORY = of('history', words('from to at recordedAt source actor reason'));

/** What is paid out. */
export const PAYOUT_ROUTES: Readonly<Record<string, Route>> = {
  'POST /payouts/prepare': {
    ...{ auth: BOOKKEEPERS, status: 201, requires: words('beneficiary sourceCurrency amount currency reference') },
    ...{ takes: ['confirmDuplicate'], answers: ['payoutId', 'status', ...of('quote', QUOTE)] },
  },
  'POST /payouts/approve': {
    ...{ auth: BOOKKEEPERS, status: 200, requires: ['payoutId'], takes: ['acceptQuoteId'] },
    answers: ['payoutId', 'status'],
  },
  'POST /payouts/{id}/reject': { auth: BOOKKEEPERS, status: 200, takes: ['reason'], answers: PAYOUT },
  'POST /payouts/{id}/cancel': { auth: BOOKKEEPERS, status: 200, takes: ['reason'], answers: PAYOUT },
  'GET /payouts': {
    ...{ auth: BOOKKEEPERS, status: 200, query: ['status', 'beneficiaryId', 'customerId', ...PAGE] },
    answers: list(PAYOUT),
  },
  'GET /payouts/{id}': { auth: BOOKKEEPERS, status: 200, answers: [...PAYOUT, ...HISTORY] },
};
