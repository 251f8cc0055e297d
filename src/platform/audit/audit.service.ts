import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { newId } from '../../shared/ids';
import type { Tx } from '../database';
import { PrivilegedContext } from './request-origin';

export interface Actor {
  type: 'user' | 'internal' | 'cron' | 'system';
  /** The user's id; null for the others. */
  id: string | null;
  requestId: string | null;
}

export interface AuditRecord {
  actor: Actor;
  /** e.g. `clock.move`, `subscription.cancel`. */
  action: string;
  objectType: string;
  objectId: string;
  customerId: string | null;
  before?: object;
  after?: object;
}

/** Nobody asked: a sweeper or a worker did it. */
export const SYSTEM: Actor = { type: 'system', id: null, requestId: null };

/** Who did what: append-only, in the transaction of the deed itself. Internal ids only, so that people can be erased. */
@Injectable()
export class AuditLog {
  constructor(private readonly clock: Clock) {}

  async record(tx: Tx, entry: AuditRecord): Promise<void> {
    const at = this.clock.wall();
    const request = PrivilegedContext.current();
    if (request) request.noted = true;
    await tx.$executeRaw`
      INSERT INTO audit_log (id, at, actor_type, actor_id, action, object_type, object_id, customer_id, before, after, request_id,
        address_hash)
      VALUES (${newId('aud', at.getTime())}, ${at}, ${entry.actor.type}, ${entry.actor.id}, ${entry.action}, ${entry.objectType},
        ${entry.objectId}, ${entry.customerId}, ${json(entry.before)}::jsonb, ${json(entry.after)}::jsonb, ${entry.actor.requestId},
        ${request?.addressHash ?? null})`;
  }
}

function json(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
