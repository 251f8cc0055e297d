import { list, PAGE, words, type Route } from './route';

const ADMIN = ['admin'] as const;
const SUPPORT = ['support', 'admin'] as const;
const FRAUD_RULE_CHANGE = words('description windowSeconds threshold currency maxAmount outcome active priority');
const FRAUD_RULE = [...words('key signal createdAt updatedAt'), ...FRAUD_RULE_CHANGE];
const FRAUD_DECISION = words(`id at customerId action outcome degraded reasons.rule reasons.outcome reasons.observed
  reasons.threshold requestId amount currency ipHash cardHash`);

/** The rules that payment attempts are held against, and what they decided. */
export const FRAUD_ROUTES: Readonly<Record<string, Route>> = {
  'GET /admin/fraud/rules': { auth: ADMIN, status: 200, answers: list(FRAUD_RULE) },
  'POST /admin/fraud/rules': {
    ...{ auth: ADMIN, status: 201, requires: ['key', 'description', 'signal', 'threshold', 'outcome'] },
    takes: ['windowSeconds', 'currency', 'maxAmount', 'active', 'priority'],
    answers: FRAUD_RULE,
  },
  'PATCH /admin/fraud/rules/{key}': { auth: ADMIN, status: 200, takes: FRAUD_RULE_CHANGE, answers: FRAUD_RULE },
  'GET /admin/fraud/decisions': {
    ...{ auth: SUPPORT, status: 200, query: ['customerId', 'outcome', 'from', 'to', ...PAGE] },
    answers: list(FRAUD_DECISION),
  },
};
