import type Stripe from 'stripe';
import type { House } from './house';

/** All that the sandbox holds, as far as tests of purchases look at it. Lists are newest first. */
export interface StripeState {
  customers: Stripe.Customer[];
  subscriptions: Stripe.Subscription[];
  invoices: Stripe.Invoice[];
}

/** Someone with a paid subscription, by ids at Stripe. */
export interface Buyer {
  customer: string;
  card: string;
  providerId: string;
}

/** What tests of running subscriptions have in common: users who have bought, and what Stripe has of them. */
export class Buyers {
  constructor(private readonly house: House) {}

  state(): Promise<StripeState> {
    return this.house.box.control<StripeState>('GET', 'state');
  }

  /** The user's customer id at Stripe. */
  async customerOf(user: string): Promise<string> {
    const { customers } = await this.state();
    const found = customers.find(({ email }) => email === `${user}@test.example`);
    if (!found) throw new Error(`${user} is no customer at Stripe`);
    return found.id;
  }

  /** The user's invoices at Stripe, oldest first. */
  async invoicesOf(user: string): Promise<Stripe.Invoice[]> {
    const id = await this.customerOf(user);
    return (await this.state()).invoices.filter(({ customer }) => customer === id).reverse();
  }

  /** The user's subscription, as the service tells it. */
  async mine(user: string): Promise<Record<string, unknown>> {
    return (await this.house.as(user, 'GET', '/billing/subscriptions/me')).body;
  }

  /** Buys without a trial, and pays with a card that works. */
  async subscribe(user: string, plan = 'PRO', more: object = {}): Promise<Buyer> {
    const body = { plan, trialPeriodDays: 0, ...more };
    const bought = await this.house.as(user, 'POST', '/billing/subscriptions', body);
    if (bought.status !== 201) throw new Error(`${user} could not buy: ${bought.text}`);
    const { stripe } = this.house.box;
    const customer = await this.customerOf(user);
    const card = await stripe.paymentMethods.attach('pm_card_visa', { customer });
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: card.id } });
    const [invoice] = await this.invoicesOf(user);
    await stripe.invoices.pay(invoice?.id ?? '', { payment_method: card.id });
    await this.house.settle();
    const { providerId } = bought.body['subscription'] as { providerId: string };
    return { customer, card: card.id, providerId };
  }

  /** How the saved card behaves from now on. */
  async cardIs(card: string, behavior: string): Promise<void> {
    await this.house.box.control('POST', 'cards', { paymentMethod: card, behavior });
  }
}

/** Sums of all journal entries, by currency: zero where the books balance. */
export function sumsOfBooks(house: House): Promise<{ sum: string }[]> {
  return house.rows<{ sum: string }>('SELECT sum(amount)::text AS sum FROM journal_entries GROUP BY currency');
}
