import { Injectable } from '@nestjs/common';
import { Prisma } from '../../../generated/prisma/client';
import type { Tx } from '../../../platform/database';
import type { DiscountLimits, DiscountTerms } from './domain/discount';

export interface Discount extends DiscountTerms, DiscountLimits {
  id: string;
  code: string;
  /** As Stripe shows it on invoices. */
  name: string;
  /** Codes of the plans in `planIds`. */
  planCodes: string[];
  /** Raised by every change. */
  revision: number;
  mirroredRevision: number;
  couponRef: string | null;
  promotionCodeRef: string | null;
  syncedAt: Date | null;
  requestKey: string | null;
  createdAt: Date;
  updatedAt: Date;
}

/** How often it is taken. */
export interface Redemptions {
  held: number;
  redeemed: number;
}

export type FreshDiscount = Omit<
  Discount,
  'planCodes' | 'revision' | 'mirroredRevision' | 'couponRef' | 'promotionCodeRef' | 'syncedAt' | 'updatedAt'
>;

export interface DiscountedPlan {
  id: string;
  code: string;
  name: string;
  description: string;
  active: boolean;
}

export type DiscountChange = Pick<Discount, 'name' | 'active' | 'expiresAt' | 'maxRedemptions'>;

const PLANS = Prisma.sql`(SELECT coalesce(array_agg(p.id ORDER BY p.position, p.code), '{}')
    FROM discount_plans dp JOIN plans p ON p.id = dp.plan_id WHERE dp.discount_id = d.id) AS "planIds",
  (SELECT coalesce(array_agg(p.code ORDER BY p.position, p.code), '{}')
    FROM discount_plans dp JOIN plans p ON p.id = dp.plan_id WHERE dp.discount_id = d.id) AS "planCodes"`;
const COLUMNS = Prisma.sql`d.id, d.code, d.name, d.percent_off::float8 AS "percentOff", d.amount_off AS "amountOff", d.currency,
  d.duration, d.duration_months AS "durationMonths", d.first_time_only AS "firstTimeOnly", d.max_redemptions AS "maxRedemptions",
  d.expires_at AS "expiresAt", d.active, d.revision, d.mirrored_revision AS "mirroredRevision", d.coupon_ref AS "couponRef",
  d.promotion_code_ref AS "promotionCodeRef", d.synced_at AS "syncedAt", d.request_key AS "requestKey",
  d.created_at AS "createdAt", d.updated_at AS "updatedAt", ${PLANS}`;

@Injectable()
export class DiscountsRepository {
  /** Newest first. @param active null: both. */
  async list(
    tx: Tx,
    active: boolean | null,
    limit: number,
    after: { createdAt: Date; id: string } | null,
  ): Promise<Discount[]> {
    const at = after?.createdAt ?? null;
    return tx.$queryRaw<Discount[]>`
      SELECT ${COLUMNS} FROM discounts d
      WHERE (${active}::boolean IS NULL OR d.active = ${active})
        AND (${at}::timestamptz IS NULL OR (d.created_at, d.id) < (${at}, ${after?.id ?? null}))
      ORDER BY d.created_at DESC, d.id DESC LIMIT ${limit}`;
  }

  async byId(tx: Tx, id: string): Promise<Discount | null> {
    const rows = await tx.$queryRaw<Discount[]>`SELECT ${COLUMNS} FROM discounts d WHERE d.id = ${id}`;
    return rows[0] ?? null;
  }

  /** A code has no underscore and an id has one: none is taken for the other. @param code as `codeOf` gives it. */
  async byIdOrCode(tx: Tx, id: string, code: string | null): Promise<Discount | null> {
    const rows = await tx.$queryRaw<Discount[]>`
      SELECT ${COLUMNS} FROM discounts d WHERE d.id = ${id} OR d.code = ${code}`;
    return rows[0] ?? null;
  }

  async byCode(tx: Tx, code: string): Promise<Discount | null> {
    const rows = await tx.$queryRaw<Discount[]>`SELECT ${COLUMNS} FROM discounts d WHERE d.code = ${code}`;
    return rows[0] ?? null;
  }

  /** Held to the end of the transaction: whoever takes or changes it decides on what it is, not on what it was. */
  async lockById(tx: Tx, id: string): Promise<Discount | null> {
    await tx.$queryRaw`SELECT 1 FROM discounts WHERE id = ${id} FOR NO KEY UPDATE`;
    // A statement of its own: what others have committed while we waited is seen by the next one only.
    return this.byId(tx, id);
  }

  /** @returns false where the code is taken. */
  async insert(tx: Tx, discount: FreshDiscount): Promise<boolean> {
    const { id, code, name, percentOff, amountOff, currency, duration, durationMonths, createdAt } = discount;
    const made = await tx.$executeRaw`
      INSERT INTO discounts (id, code, name, percent_off, amount_off, currency, duration, duration_months, first_time_only,
        max_redemptions, expires_at, active, request_key, created_at, updated_at)
      VALUES (${id}, ${code}, ${name}, ${percentOff}::float8::numeric, ${amountOff}, ${currency}, ${duration}, ${durationMonths},
        ${discount.firstTimeOnly}, ${discount.maxRedemptions}, ${discount.expiresAt}, ${discount.active}, ${discount.requestKey},
        ${createdAt}, ${createdAt})
      ON CONFLICT (code) DO NOTHING`;
    if (made === 0) return false;
    await tx.$executeRaw`
      INSERT INTO discount_plans (discount_id, plan_id) SELECT ${id}, unnest(${discount.planIds}::text[])`;
    return true;
  }

  async change(tx: Tx, id: string, change: DiscountChange, at: Date): Promise<void> {
    await tx.$executeRaw`
      UPDATE discounts SET name = ${change.name}, active = ${change.active}, expires_at = ${change.expiresAt},
        max_redemptions = ${change.maxRedemptions}, revision = revision + 1, updated_at = ${at}
      WHERE id = ${id}`;
  }

  /** Ids of the plans of these codes, whether sold at present or not. */
  async planIdsOf(tx: Tx, codes: readonly string[]): Promise<Map<string, string>> {
    if (codes.length === 0) return new Map();
    const rows = await tx.$queryRaw<{ id: string; code: string }[]>`
      SELECT id, code FROM plans WHERE code = ANY (${codes}::text[])`;
    return new Map(rows.map(({ id, code }) => [code, id]));
  }

  /** The plans it is for, as products at a provider show them; none for all. */
  async plansOf(tx: Tx, id: string): Promise<DiscountedPlan[]> {
    return tx.$queryRaw<DiscountedPlan[]>`
      SELECT p.id, p.code, p.name, p.description, p.active FROM discount_plans dp JOIN plans p ON p.id = dp.plan_id
      WHERE dp.discount_id = ${id} ORDER BY p.position, p.code`;
  }

  async saveCoupon(tx: Tx, id: string, couponRef: string): Promise<void> {
    await tx.$executeRaw`UPDATE discounts SET coupon_ref = ${couponRef} WHERE id = ${id}`;
  }

  /** Whether the coupon of this purchase is still there is looked at before the next one names it. */
  async doubtCoupon(tx: Tx, intentId: string): Promise<void> {
    await tx.$executeRaw`
      UPDATE discounts SET coupon_ref = NULL
      WHERE id = (SELECT discount_id FROM discount_redemptions WHERE intent_id = ${intentId})`;
  }

  /** @returns false where it has changed since `revision`, and the mirror is behind again. */
  async saveMirror(
    tx: Tx,
    { id, revision }: Pick<Discount, 'id' | 'revision'>,
    promotionCodeRef: string | null,
    at: Date,
  ): Promise<boolean> {
    const count = await tx.$executeRaw`
      UPDATE discounts SET mirrored_revision = ${revision}, promotion_code_ref = ${promotionCodeRef}, synced_at = ${at}
      WHERE id = ${id} AND revision = ${revision}`;
    return count === 1;
  }
}
