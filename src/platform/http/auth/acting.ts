import type { FastifyRequest } from 'fastify';
import { unexpected } from '../../../shared/app-error';
import type { Actor } from '../../audit';
import type { Principal } from './principal';

/** Whoever calls. @throws NO_CALLER on an open route: a bug of ours. */
export function principalOf({ principal }: FastifyRequest): Principal {
  if (!principal) throw unexpected('NO_CALLER', 'This route is open and knows no caller');
  return principal;
}

/** Whoever calls, as the audit log names him. */
export function actorOf(request: FastifyRequest): Actor {
  const principal = principalOf(request);
  return { type: principal.kind, id: principal.kind === 'user' ? principal.user.id : null, requestId: request.id };
}
