import { asUser } from './tokens';
import { fetchAnswer, jsonPost, type Answer } from './http-client';
import type { House } from './house';

/** What tests of the fraud rules do: attempts of users from some address, declines in the browser, and a look at the desk. */
export class CardTester {
  constructor(private readonly house: House) {}

  /** Behind a trusted proxy that says where the request came from. */
  from(address: string, more: Record<string, string> = {}): Record<string, string> {
    return { 'x-forwarded-for': address, ...more };
  }

  buy(user: string, headers: Record<string, string> = {}, more: object = {}): Promise<Answer> {
    const body = { plan: 'PRO', trialPeriodDays: 0, ...more };
    return this.house.as(user, 'POST', '/billing/subscriptions', body, headers);
  }

  /** The holder of a client secret tries cards in his browser that the bank declines. */
  async decline(secret: unknown, times: number, card = 'pm_card_chargeDeclined'): Promise<void> {
    const [id = ''] = String(secret).split('_secret_');
    const { paymentIntents, setupIntents } = this.house.box.stripe;
    const confirm = (): Promise<unknown> =>
      id.startsWith('seti_')
        ? setupIntents.confirm(id, { payment_method: card })
        : paymentIntents.confirm(id, { payment_method: card });
    for (let i = 0; i < times; i++) {
      const outcome = await confirm()
        .then(() => 'paid')
        .catch((error: unknown) => (error as { type?: string }).type);
      if (outcome !== 'StripeCardError') throw new Error(`The card was not declined: ${outcome ?? 'unknown'}`);
    }
    await this.house.settle();
  }

  /** A setup that its holder confirms. @returns the method's id at Stripe. */
  async saveCard(user: string, card: string): Promise<string> {
    const { body } = await this.house.as(user, 'POST', '/billing/payment-methods/setup', {});
    const [id = ''] = String(body['clientSecret']).split('_secret_');
    const setup = await this.house.box.stripe.setupIntents.confirm(id, { payment_method: card });
    await this.house.settle();
    return setup.payment_method as string;
  }

  /** As an administrator. */
  admin(method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown): Promise<Answer> {
    const operator = asUser('operator', 'admin', 'support');
    const init = body === undefined ? { headers: operator } : jsonPost(body, operator);
    return fetchAnswer(`${this.house.app.url}/v1/admin/fraud/${path}`, { ...init, method });
  }

  /** A customer's decisions, newest first. */
  async decisionsOf(user: string): Promise<Record<string, unknown>[]> {
    const [customer] = await this.house.rows<{ id: string }>('SELECT id FROM customers WHERE user_id = $1', [user]);
    const { body } = await this.admin('GET', `decisions?customerId=${customer?.id ?? ''}`);
    return body['data'] as Record<string, unknown>[];
  }

  /** Tickets that ask for a look at a user's payments. */
  ticketsOf(user: string): Promise<{ cause: string; status: string; count: number }[]> {
    return this.house.rows(
      `SELECT t.cause_key AS cause, t.status, (t.details ->> 'count')::int AS count FROM payment_support_tickets t
       JOIN customers c ON c.id = t.customer_id WHERE c.user_id = $1 AND t.type = 'fraud_review' ORDER BY t.created_at, t.id`,
      [user],
    );
  }
}
