import type { FastifyInstance } from 'fastify';
import type { World } from '../world';

const text = { type: 'string', minLength: 1 };
const body = (properties: object, required: readonly string[]): object => ({
  schema: { body: { type: 'object', additionalProperties: false, properties, required } },
});

const renewal = body(
  {
    paymentMethod: text,
    expMonth: { type: 'integer', minimum: 1, maximum: 12 },
    expYear: { type: 'integer', minimum: 2000, maximum: 2100 },
    number: text,
  },
  ['paymentMethod', 'expMonth', 'expYear'],
);
const debit = body({ intent: text, failure: text }, ['intent']);
const bank = body({ intent: text, account: text, outcome: { enum: ['verified', 'failed', 'microdeposits'] } }, [
  'intent',
]);

/** The control API's part about cards and bank accounts. */
export function registerPayments(app: FastifyInstance, world: () => World): void {
  const control = (): World['engine']['control']['payments'] => world().engine.control.payments;
  app.post<{ Body: { paymentMethod: string; expMonth: number; expYear: number; number?: string } }>(
    '/sandbox/cards/renew',
    renewal,
    ({ body: { paymentMethod, ...rest } }, reply) => {
      control().renewCard(paymentMethod, rest);
      return reply.status(204).send();
    },
  );
  app.post<{ Body: { intent: string; failure?: string } }>(
    '/sandbox/debits/settle',
    debit,
    ({ body: input }, reply) => {
      control().settleDebit(input.intent, input.failure);
      return reply.status(204).send();
    },
  );
  app.post<{ Body: { intent: string; account?: string; outcome?: 'verified' | 'failed' | 'microdeposits' } }>(
    '/sandbox/bank_accounts',
    bank,
    ({ body: input }, reply) => {
      control().completeWithBank(input.intent, input.outcome, input.account);
      return reply.status(204).send();
    },
  );
}
