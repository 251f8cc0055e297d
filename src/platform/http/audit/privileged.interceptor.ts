import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Observable, concatMap, from, map } from 'rxjs';
import { AddressHash, AuditLog, PrivilegedContext, type PrivilegedRequest } from '../../audit';
import { UnitOfWork } from '../../database';
import { actorOf } from '../auth/acting';
import { addressOf } from '../rate-limit/address';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Keeps where a privileged request comes from while it is carried out, and sees that whatever it was asked to change is in
 * the audit log: what the modules do is audited by them, in the transaction of the deed; where they wrote nothing (a dry
 * run, a route that forgot) the request itself is written down. Comes with `@Roles`.
 */
@Injectable()
export class PrivilegedInterceptor implements NestInterceptor {
  constructor(
    private readonly audit: AuditLog,
    private readonly addresses: AddressHash,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const privileged: PrivilegedRequest = { addressHash: this.addresses.of(addressOf(request)), noted: false };
    const answers = new Observable((subscriber) =>
      PrivilegedContext.run(privileged, () => next.handle().subscribe(subscriber)),
    );
    if (READING.has(request.method)) return answers;
    return answers.pipe(concatMap((answer: unknown) => from(this.note(request, privileged)).pipe(map(() => answer))));
  }

  private async note(request: FastifyRequest, privileged: PrivilegedRequest): Promise<void> {
    if (privileged.noted) return;
    const route = (request.routeOptions.url ?? '').replace(/^\/v1(?=\/)/, '');
    await PrivilegedContext.run(privileged, () =>
      this.unitOfWork.service((tx) =>
        this.audit.record(tx, {
          actor: actorOf(request),
          action: 'request',
          objectType: 'route',
          objectId: `${request.method} ${route}`,
          customerId: null,
          // The ids in the address, not the body: people write names into bodies.
          after: { params: request.params },
        }),
      ),
    );
  }
}
