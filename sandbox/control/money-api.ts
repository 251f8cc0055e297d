import type { FastifyInstance } from 'fastify';
import type Stripe from 'stripe';
import {
  disputeOutcomes,
  disputeReasons,
  fraudTypes,
  payoutFailures,
  type DisputeOutcome,
  type DisputeReason,
  type FraudType,
  type PaymentReference,
  type PayoutFailure,
  type SandboxControl,
  type SlippedIn,
  type StatementBreak,
} from '../stripe/engine';
import { count, object, optional, text } from './control-schemas';

/** A body about one payment, by its charge or its payment intent. */
const aboutPayment = (properties: object): object => ({
  oneOf: [
    object({ charge: text, ...properties }, ['charge']),
    object({ paymentIntent: text, ...properties }, ['paymentIntent']),
  ],
});
const dueInDays = count(0, 365);
const closedReasons = ['approved', 'refunded', 'refunded_as_fraud', 'disputed', 'redacted', 'canceled', 'acknowledged'];

const refundSchema = object({ status: { enum: ['succeeded', 'failed'] }, reason: text }, ['status']);
const disputeSchema = aboutPayment({
  reason: { enum: Object.keys(disputeReasons) },
  amount: count(1, 99_999_999_999),
  inquiry: { type: 'boolean' },
  dueInDays,
});
const decisionSchema = object({ status: { enum: [...disputeOutcomes] }, dueInDays }, ['status']);
const warningSchema = aboutPayment({ fraudType: { enum: [...fraudTypes] } });
const reviewSchema = aboutPayment({ reason: { enum: ['rule', 'manual'] } });
const closeSchema = optional(object({ reason: { enum: closedReasons } }));
const balanceAmount = { type: 'integer', minimum: -99_999_999_999, maximum: 99_999_999_999 };
const currency = { type: 'string', pattern: '^[a-zA-Z]{3}$' };
const slipSchema = object(
  { amount: balanceAmount, fee: balanceAmount, currency, type: { enum: ['adjustment', 'stripe_fee'] }, source: text },
  ['amount'],
);
const breakSchema = {
  oneOf: [
    object({ kind: { enum: ['missing', 'twice'] } }, ['kind']),
    object({ kind: { const: 'amount' }, amount: balanceAmount }, ['kind', 'amount']),
    object({ kind: { const: 'currency' }, currency }, ['kind', 'currency']),
    object({ kind: { const: 'day' }, days: { type: 'integer', minimum: -365, maximum: 365 } }, ['kind', 'days']),
  ],
};
const payoutSchema = optional(object({ code: { enum: Object.keys(payoutFailures) } }));

type ById<T> = { Params: { id: string }; Body: T };

/** What banks do with money that has moved: `/sandbox/refunds`, `/disputes`, `/early_fraud_warnings`, `/reviews`, `/payouts`. */
export function registerMoney(app: FastifyInstance, money: () => SandboxControl['money']): void {
  app.post<ById<{ status: 'succeeded' | 'failed'; reason?: string }>>(
    '/sandbox/refunds/:id',
    { schema: { body: refundSchema } },
    ({ params, body }) => money().settleRefund(params.id, body.status, body.reason),
  );
  app.post<{
    Body: PaymentReference & { reason?: DisputeReason; amount?: number; inquiry?: boolean; dueInDays?: number };
  }>('/sandbox/disputes', { schema: { body: disputeSchema } }, ({ body }) => money().openDispute(body, body));
  app.post<ById<{ status: DisputeOutcome; dueInDays?: number }>>(
    '/sandbox/disputes/:id',
    { schema: { body: decisionSchema } },
    ({ params, body }) => money().decideDispute(params.id, body.status, body.dueInDays),
  );
  app.post<ById<{ code?: PayoutFailure } | null>>(
    '/sandbox/payouts/:id/fail',
    { schema: { body: payoutSchema } },
    ({ params, body }) => money().failPayout(params.id, body?.code),
  );
  app.post<{ Body: SlippedIn }>('/sandbox/balance_transactions', { schema: { body: slipSchema } }, ({ body }) =>
    money().slipIn(body),
  );
  app.post<ById<StatementBreak>>(
    '/sandbox/balance_transactions/:id/break',
    { schema: { body: breakSchema } },
    ({ params, body }) => money().breakStatement(params.id, body),
  );
  registerSuspicion(app, money);
}

function registerSuspicion(app: FastifyInstance, money: () => SandboxControl['money']): void {
  app.post<{ Body: PaymentReference & { fraudType?: FraudType } }>(
    '/sandbox/early_fraud_warnings',
    { schema: { body: warningSchema } },
    ({ body }) => money().warnOfFraud(body, body.fraudType),
  );
  app.post<{ Body: PaymentReference & { reason?: 'rule' | 'manual' } }>(
    '/sandbox/reviews',
    { schema: { body: reviewSchema } },
    ({ body }) => money().openReview(body, body.reason),
  );
  app.post<ById<{ reason?: Stripe.Review.ClosedReason } | null>>(
    '/sandbox/reviews/:id/close',
    { schema: { body: closeSchema } },
    ({ params, body }) => money().closeReview(params.id, body?.reason),
  );
}
