import { sign } from 'jsonwebtoken';
import { request, requestJson, type Answer, type Call } from './http';

/** The parts of Kassa's answers that the story looks at. Amounts in minor units, dates in ISO 8601. */
export interface Plan {
  readonly code: string;
  readonly description: string;
  readonly trialDays: number;
  readonly prices: readonly { readonly billingCycle: string; readonly amount: number; readonly currency: string }[];
  readonly features: readonly { readonly key: string; readonly type: string; readonly limit: number | null }[];
}

export interface Subscription {
  readonly id: string;
  readonly providerId: string;
  readonly plan: { readonly code: string };
  readonly status: string;
  readonly amount: number;
  readonly currency: string;
  readonly currentPeriodEnd: string;
  readonly trialEndsAt: string | null;
  readonly cancelAtPeriodEnd: boolean;
  readonly canceledAt: string | null;
  readonly graceUntil: string | null;
}

export interface Invoice {
  readonly id: string;
  readonly providerId: string;
  readonly number: string | null;
  readonly status: string;
  readonly amountDue: number;
  readonly amountPaid: number;
  readonly currency: string;
  readonly attemptCount: number;
  readonly lines: readonly { readonly description: string | null; readonly amount: number }[];
}

export interface FeatureAccess {
  readonly granted: boolean;
  readonly limit: number | null;
  readonly until: string | null;
}

export interface Balance {
  readonly account: string;
  readonly amount: number;
  readonly currency: string;
}

/** What a payout costs, and what reaches the beneficiary. */
export interface PayoutQuote {
  readonly quoteId: string;
  readonly rate: string;
  readonly fee: number;
  readonly sourceAmount: number;
  readonly sourceCurrency: string;
  readonly targetAmount: number;
  readonly targetCurrency: string;
  readonly expiresAt: string;
}

/** Money of ours to somebody else. */
export interface Payout {
  readonly id: string;
  readonly providerId: string | null;
  readonly status: string;
  readonly beneficiary: { readonly name: string | null; readonly account: string };
  readonly amount: number;
  readonly currency: string;
  readonly quote: PayoutQuote;
}

/** What is done about a renewal that was declined. */
export interface DunningCase {
  readonly status: string;
  readonly nextActionAt: string | null;
  readonly attempts: readonly { readonly strategy: string; readonly status: string; readonly dueAt: string }[];
  readonly reminders: readonly { readonly day: number; readonly status: string }[];
}

export interface Identity {
  readonly userId: string;
  readonly email: string;
  readonly roles: readonly string[];
}

/** What tokens are signed with; an identity provider would hold it in a real installation. */
export interface AuthSettings {
  readonly secret: string;
  readonly issuer: string;
  readonly audience: string;
}

const TOKEN_HOURS = 12;

/** A token as an identity provider signs it when somebody signs in. */
export function signIn({ userId, email, roles }: Identity, { secret, issuer, audience }: AuthSettings): string {
  return sign({ email, roles }, secret, {
    algorithm: 'HS256',
    subject: userId,
    issuer,
    audience,
    expiresIn: `${TOKEN_HOURS}h`,
  });
}

/** Kassa's HTTP API in the hands of one person. */
export class KassaApi {
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  call<T>(path: string, call: Call = {}): Promise<T> {
    return requestJson<T>(`${this.url}/v1${path}`, this.withToken(call));
  }

  /** Whatever the answer is. */
  answer(path: string, call: Call = {}): Promise<Answer> {
    return request(`${this.url}/v1${path}`, this.withToken(call));
  }

  /** Null where there is none. */
  async subscription(): Promise<Subscription | null> {
    const { status, text } = await this.answer('/billing/subscriptions/me');
    return status === 404 ? null : (JSON.parse(text) as Subscription);
  }

  async access(): Promise<Readonly<Record<string, FeatureAccess>>> {
    return (await this.call<{ features: Record<string, FeatureAccess> }>('/entitlements/me')).features;
  }

  /** Newest first. */
  async invoices(): Promise<readonly Invoice[]> {
    return (await this.call<{ data: Invoice[] }>('/billing/invoices')).data;
  }

  /** The latest of a subscription; for operators. Null where none of its renewals was ever declined. */
  async dunning(subscriptionId: string): Promise<DunningCase | null> {
    const cases = await this.call<{ data: { id: string }[] }>(`/retry/cases?subscriptionId=${subscriptionId}`);
    const [latest] = cases.data;
    return latest ? this.call<DunningCase>(`/retry/cases/${latest.id}`) : null;
  }

  /** Titles of what he was told, newest first. */
  async messages(): Promise<readonly string[]> {
    return (await this.call<{ data: { title: string }[] }>('/notifications?limit=100')).data.map(({ title }) => title);
  }

  /** Newest first; for finance. */
  async payouts(): Promise<readonly Payout[]> {
    return (await this.call<{ data: Payout[] }>('/payouts')).data;
  }

  private withToken({ headers, ...call }: Call): Call {
    return { ...call, headers: { ...headers, authorization: `Bearer ${this.token}` } };
  }
}
