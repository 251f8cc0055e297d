import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { newId } from '../../../shared/ids';
import { AuditLog, type Actor } from '../../../platform/audit';
import type { Tx } from '../../../platform/database';
import { IdempotencyContext, invalidInput } from '../../../platform/http';
import { Outbox } from '../../../platform/outbox';
import { planNotFound } from '../billing.errors';
import { BILLING_EVENTS } from '../billing.events';
import { discountCodeTaken, discountNotFound } from './discounts.errors';
import {
  DiscountsRepository,
  type Discount,
  type DiscountChange,
  type FreshDiscount,
  type Redemptions,
} from './discounts.repository';
import { codeOf, type DiscountTerms } from './domain/discount';
import { problemsOfExpiry, problemsOfTerms } from './domain/discount-input';
import { RedemptionsRepository } from './redemptions.repository';

export interface NewDiscount extends DiscountTerms, DiscountChange {
  code: string;
  firstTimeOnly: boolean;
  /** Codes of plans; empty for all. */
  plans: readonly string[];
}

/** A discount and how often it is taken. */
export type CountedDiscount = Discount & { redemptions: Redemptions };

const NONE: Redemptions = { held: 0, redeemed: 0 };

/** Making and changing discounts. */
@Injectable()
export class DiscountDesk {
  constructor(
    private readonly discounts: DiscountsRepository,
    private readonly redemptions: RedemptionsRepository,
    private readonly audit: AuditLog,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** @throws INVALID_INPUT, PLAN_NOT_FOUND, DISCOUNT_CODE_TAKEN. */
  async create(tx: Tx, wanted: NewDiscount, actor: Actor): Promise<CountedDiscount> {
    const now = this.clock.now();
    const problems = [...problemsOfTerms(wanted), ...problemsOfExpiry(wanted.expiresAt, now)];
    if (problems.length > 0) throw invalidInput(problems);
    const { plans, ...rest } = wanted;
    const fresh: FreshDiscount = {
      ...rest,
      id: newId('disc', this.clock.wall().getTime()),
      planIds: await this.planIds(tx, plans),
      requestKey: requestKey(),
      createdAt: now,
    };
    if (!(await this.discounts.insert(tx, fresh))) return this.madeBefore(tx, fresh);
    const discount = await this.get(tx, fresh.id);
    await this.changed(tx, discount, actor, 'discount.create', undefined);
    return discount;
  }

  /** @throws DISCOUNT_NOT_FOUND, INVALID_INPUT. */
  async edit(tx: Tx, idOrCode: string, change: Partial<DiscountChange>, actor: Actor): Promise<CountedDiscount> {
    const { id } = await this.find(tx, idOrCode);
    const former = await this.discounts.lockById(tx, id);
    if (!former) throw discountNotFound(id);
    const now = this.clock.now();
    const problems = problemsOfExpiry(change.expiresAt ?? null, now);
    if (problems.length > 0) throw invalidInput(problems);
    const wanted: DiscountChange = { ...limitsOf(former), ...change };
    // Nothing new is nothing done: no revision, no audit entry, no call to Stripe.
    if (JSON.stringify(wanted) === JSON.stringify(limitsOf(former))) return this.counted(tx, former);
    await this.discounts.change(tx, id, wanted, now);
    const discount = await this.get(tx, id);
    await this.changed(tx, discount, actor, 'discount.edit', limitsOf(former));
    return discount;
  }

  /** @throws DISCOUNT_NOT_FOUND. */
  async get(tx: Tx, idOrCode: string): Promise<CountedDiscount> {
    return this.counted(tx, await this.find(tx, idOrCode));
  }

  /** Newest first. */
  async list(
    tx: Tx,
    active: boolean | null,
    limit: number,
    after: { createdAt: Date; id: string } | null,
  ): Promise<CountedDiscount[]> {
    const discounts = await this.discounts.list(tx, active, limit, after);
    const ids = discounts.map(({ id }) => id);
    const counts = await this.redemptions.countsOf(tx, ids);
    return discounts.map((discount) => ({ ...discount, redemptions: counts.get(discount.id) ?? NONE }));
  }

  private async find(tx: Tx, idOrCode: string): Promise<Discount> {
    const discount = await this.discounts.byIdOrCode(tx, idOrCode, codeOf(idOrCode));
    if (!discount) throw discountNotFound(idOrCode);
    return discount;
  }

  private async counted(tx: Tx, discount: Discount): Promise<CountedDiscount> {
    const counts = await this.redemptions.countsOf(tx, [discount.id]);
    return { ...discount, redemptions: counts.get(discount.id) ?? NONE };
  }

  /** The same request, repeated after its answer was lost, gets what it made. */
  private async madeBefore(tx: Tx, { code, requestKey: key }: FreshDiscount): Promise<CountedDiscount> {
    const known = await this.discounts.byCode(tx, code);
    if (!known || key === null || known.requestKey !== key) throw discountCodeTaken(code);
    return this.counted(tx, known);
  }

  private async planIds(tx: Tx, codes: readonly string[]): Promise<string[]> {
    const known = await this.discounts.planIdsOf(tx, codes);
    return [...new Set(codes)].map((code) => {
      const id = known.get(code);
      if (id === undefined) throw planNotFound(code);
      return id;
    });
  }

  private async changed(
    tx: Tx,
    discount: Discount,
    actor: Actor,
    action: string,
    before: DiscountChange | undefined,
  ): Promise<void> {
    const object = { objectType: 'discount', objectId: discount.id, customerId: null };
    const after = { code: discount.code, ...limitsOf(discount) };
    await this.audit.record(tx, { actor, action, ...object, ...(before && { before }), after });
    const payload = { discountId: discount.id };
    const occurredAt = this.clock.now();
    await this.outbox.append(tx, [{ type: BILLING_EVENTS.discountChanged, ...object, payload, occurredAt }]);
  }
}

function limitsOf({ name, active, expiresAt, maxRedemptions }: DiscountChange): DiscountChange {
  return { name, active, expiresAt, maxRedemptions };
}

/** Who asked and under which Idempotency-Key; null without one. */
function requestKey(): string | null {
  const request = IdempotencyContext.current();
  return request ? `${request.scope}:${request.key}` : null;
}
