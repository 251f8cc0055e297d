import type { Answer } from './http-client';
import type { House } from './house';
import { asUser } from './tokens';

/** An administrator's hands on the catalog. */
export class CatalogDesk {
  constructor(private readonly house: House) {}

  call(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return this.house.as('owner', method, `/admin${path}`, body, { ...asUser('owner', 'admin'), ...headers });
  }

  /** A plan with prices, told to Stripe. */
  async plan(code: string, prices: readonly object[], more: object = {}): Promise<Answer> {
    const made = await this.call('POST', '/plans', { code, name: code.toLowerCase(), prices, ...more });
    if (made.status !== 201) throw new Error(`${code} was not made: ${made.text}`);
    await this.house.settle();
    return made;
  }

  async price(plan: string, billingCycle: string, amount: number, currency: string): Promise<Answer> {
    const made = await this.call('POST', `/plans/${plan}/prices`, { billingCycle, amount, currency });
    if (made.status !== 201) throw new Error(`${plan} has no such price: ${made.text}`);
    await this.house.settle();
    return made;
  }
}
