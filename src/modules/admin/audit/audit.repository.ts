import { Injectable } from '@nestjs/common';
import { Prisma } from '../../../generated/prisma/client';
import type { Tx } from '../../../platform/database';
import type { Keyset } from '../../../platform/http';

/** What entries have in common; all that is given must fit. */
export interface AuditFilter {
  actorId?: string | undefined;
  action?: string | undefined;
  objectType?: string | undefined;
  objectId?: string | undefined;
  customerId?: string | undefined;
  /** Inclusive, wall time. */
  from?: Date | undefined;
  /** Exclusive. */
  to?: Date | undefined;
  /** Only what moves money, or is about it. */
  paymentsOnly: boolean;
}

export interface AuditEntry {
  id: string;
  at: Date;
  actorType: string;
  actorId: string | null;
  action: string;
  objectType: string;
  objectId: string;
  customerId: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  requestId: string | null;
  addressHash: string | null;
}

/** Actions that payment operations begin with. */
const PAYMENTS =
  '^(payment|refund|invoice|credit_note|credit|dispute|payout|ledger|checkout|subscription|payment_method)[.]';

@Injectable()
export class AuditRepository {
  /** Newest first. @param after keyset: entries older than this place. */
  async list(tx: Tx, filter: AuditFilter, limit: number, after: Keyset | undefined): Promise<AuditEntry[]> {
    return tx.$queryRaw<AuditEntry[]>(auditPage(filter, limit, after));
  }
}

/** Pure: the one statement of a page, read from the end of the index of whatever narrows most. */
export function auditPage(filter: AuditFilter, limit: number, after: Keyset | undefined): Prisma.Sql {
  const { actorId, action, objectType, objectId, customerId, from, to, paymentsOnly } = filter;
  const conditions = [
    ...(actorId === undefined ? [] : [Prisma.sql`actor_id = ${actorId}`]),
    ...(action === undefined ? [] : [Prisma.sql`action = ${action}`]),
    ...(objectType === undefined ? [] : [Prisma.sql`object_type = ${objectType}`]),
    ...(objectId === undefined ? [] : [Prisma.sql`object_id = ${objectId}`]),
    ...(customerId === undefined ? [] : [Prisma.sql`customer_id = ${customerId}`]),
    ...(from === undefined ? [] : [Prisma.sql`at >= ${from}`]),
    ...(to === undefined ? [] : [Prisma.sql`at < ${to}`]),
    ...(paymentsOnly ? [Prisma.sql`action ~ ${PAYMENTS}`] : []),
    ...(after ? [Prisma.sql`(at, id) < (${after.createdAt}, ${after.id})`] : []),
  ];
  const where = conditions.length === 0 ? Prisma.empty : Prisma.sql`WHERE ${Prisma.join(conditions, ' AND ')}`;
  return Prisma.sql`
    SELECT id, at, actor_type AS "actorType", actor_id AS "actorId", action, object_type AS "objectType",
      object_id AS "objectId", customer_id AS "customerId", before, after, request_id AS "requestId",
      address_hash AS "addressHash"
    FROM audit_log ${where} ORDER BY at DESC, id DESC LIMIT ${limit}`;
}
