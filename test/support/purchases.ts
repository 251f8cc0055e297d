import { createChain, signJws } from '../../sandbox/apple/signing';
import { fetchAnswer, jsonPost, type Answer } from './http-client';
import type { House } from './house';
import { asUser } from './tokens';

interface FeatureShown {
  granted: boolean;
  limit: number | null;
  until: string | null;
  grants: { source: string }[];
}

/** A subscription as its customer sees it. */
export interface ShownSubscription {
  provider: string;
  providerId: string;
  plan: { code: string };
  status: string;
  amount: number;
  currentPeriodEnd: string;
  cancelAtPeriodEnd: boolean;
  graceUntil: string | null;
}

/** An answer of `POST /iap/validate`. */
export interface Validated {
  valid: boolean;
  subscription: { id: string; provider: string; status: string; plan: { code: string } } | null;
  purchase: { provider: string; providerId: string; productId: string };
  entitlements: { features: Record<string, FeatureShown> };
}

export const validated = ({ body }: Answer): Validated => body as unknown as Validated;

/** How many features a store gives, as the answer says. */
export function grantsOf(answer: Answer, store: 'apple' | 'google' = 'apple'): number {
  const { features } = validated(answer).entitlements;
  return Object.values(features).filter(({ grants }) => grants.some(({ source }) => source === store)).length;
}

/** What no App Store has signed for this app, by what is wrong with it. @param good one that it has */
export function badReceipts(good: string): [string, string][] {
  const stranger = createChain();
  const claims = { environment: 'Production', transactionId: '1', originalTransactionId: '1' };
  const part = (json: object): string => Buffer.from(JSON.stringify(json)).toString('base64url');
  const [header = '', payload = '', signature = ''] = good.split('.');
  return [
    ['truncated', good.slice(0, -10)],
    ['without its signature', `${header}.${payload}.`],
    ['of another payload', `${header}.${part(claims)}.${signature}`],
    ['signed again', signJws(claims, stranger)],
    ['alg none', `${part({ alg: 'none' })}.${payload}.x`],
    ['HS256', `${part({ alg: 'HS256' })}.${payload}.${signature}`],
    ['two certificates', signJws(claims, { ...stranger, x5c: stranger.x5c.slice(0, 2) })],
    ['four certificates', signJws(claims, { ...stranger, x5c: [...stranger.x5c, stranger.x5c[2] ?? ''] })],
    ['almost a megabyte', 'a'.repeat(1_000_000)],
    ['text', 'receipt'],
  ];
}

/** What users' apps do about their purchases, and what is left of it. */
export class Purchases {
  constructor(private readonly house: House) {}

  validate(userId: string, claim: object): Promise<Answer> {
    return this.house.as(userId, 'POST', '/iap/validate', { platform: 'ios', ...claim });
  }

  async count(from: string): Promise<number> {
    const [row] = await this.house.rows<{ n: string }>(`SELECT count(*) AS n FROM ${from}`);
    return Number(row?.n);
  }

  /** By what their cause begins with, or by the code of the failure they are about. */
  tickets(code: string): Promise<{ status: string; priority: string }[]> {
    return this.house.rows(
      `SELECT status, priority FROM payment_support_tickets WHERE cause_key LIKE $1 || ':%' OR details ->> 'code' = $1`,
      [code],
    );
  }

  async subscriptionOf(userId: string): Promise<ShownSubscription | null> {
    const answer = await this.house.as(userId, 'GET', '/billing/subscriptions/me');
    return answer.status === 404 ? null : (answer.body as unknown as ShownSubscription);
  }

  /** Whether anything is granted by a store. */
  async hasAccess(userId: string, store: 'apple' | 'google'): Promise<boolean> {
    const { body } = await this.house.as(userId, 'GET', '/entitlements/me');
    const { features } = body as unknown as Validated['entitlements'];
    return Object.values(features).some(
      ({ granted, grants }) => granted && grants.some(({ source }) => source === store),
    );
  }

  /** As an operator, about the stores' products. */
  products(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<Answer> {
    const identity = asUser('boss', 'admin');
    const init = body === undefined ? { method, headers: identity } : { ...jsonPost(body, identity), method };
    return fetchAnswer(`${this.house.app.url}/v1/admin/iap/products${path}`, init);
  }

  /** What a user may use of the feature `projects`. */
  async projectsOf(userId: string): Promise<Omit<FeatureShown, 'grants'>> {
    const { body } = await this.house.as(userId, 'GET', '/entitlements/me');
    const shown = (body as unknown as Validated['entitlements']).features['projects'];
    const { granted, limit, until } = shown ?? { granted: false, limit: null, until: null };
    return { granted, limit, until };
  }

  /** Our id of a user, who becomes a customer by asking for his identity. */
  async customerOf(userId: string): Promise<string> {
    await this.house.as(userId, 'GET', '/iap/identity');
    const [row] = await this.house.rows<{ id: string }>(`SELECT id FROM customers WHERE user_id = $1`, [userId]);
    return row?.id ?? '';
  }
}
