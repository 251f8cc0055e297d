import type { FailureClass } from '../../../shared/retry-policy';
import type { PushTicket } from '../channels/push.port';
import type { ShortMessage } from '../domain/render';
import type { PushResult } from './pushes.repository';

/** What came of one try to tell somebody. */
export type DeliveryOutcome =
  | { readonly kind: 'sent'; readonly words?: ShortMessage; readonly pushes?: PushOutcome }
  /** Nobody has to be told any more, or nobody can be. */
  | { readonly kind: 'skipped'; readonly code: string; readonly pushes?: PushOutcome }
  /** Business time. */
  | { readonly kind: 'postponed'; readonly notBefore: Date }
  | {
      readonly kind: 'failed';
      readonly class: FailureClass;
      readonly code: string;
      /** An address that will never take mail. */
      readonly bounced?: string;
      readonly pushes?: PushOutcome;
    };

/** Of the devices a message was meant for. */
export interface PushOutcome {
  readonly results: readonly PushResult[];
  /** Devices that take no messages any more, and why. */
  readonly gone: readonly string[];
}

/**
 * Pure: of one message to several devices. One that may still be reached is tried again, alone: the others have it.
 * @param toldBefore some device has it from an earlier try.
 */
export function pushOutcome(tickets: readonly PushTicket[], toldBefore: boolean): DeliveryOutcome {
  const refused = tickets.flatMap((ticket) => (ticket.kind === 'refused' ? [ticket] : []));
  const results = tickets.flatMap((ticket): PushResult[] => {
    const { deviceId } = ticket;
    if (ticket.kind === 'taken') return [{ deviceId, ticketId: ticket.ticketId, errorCode: null }];
    return ticket.again ? [] : [{ deviceId, ticketId: null, errorCode: ticket.code }];
  });
  const pushes = { results, gone: refused.flatMap(({ gone, deviceId }) => (gone ? [deviceId] : [])) };
  const again = refused.find((ticket) => ticket.again);
  if (again) return { kind: 'failed', class: 'transient', code: again.code, pushes };
  if (toldBefore || refused.length < tickets.length) return { kind: 'sent', pushes };
  return { kind: 'skipped', code: refused[0]?.code ?? 'NO_DEVICE', pushes };
}
