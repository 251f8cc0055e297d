import { createHash } from 'node:crypto';
import {
  Injectable,
  SetMetadata,
  UseInterceptors,
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { lastValueFrom, of, type Observable } from 'rxjs';
import { conflict } from '../../../shared/app-error';
import { scopeOf } from '../auth/principal';
import { errorAnswerOf } from '../errors/error-answer';
import { invalidInput } from '../validation/input.pipe';
import { IdempotencyContext, type KeyedRequest } from './idempotency-context';
import type { KeptAnswer } from './idempotency.repository';
import { IdempotencyService, type HeldKey } from './idempotency.service';
import { ReplayedAnswer } from './replayed-answer';

const KEY = /^[\x21-\x7e]{1,255}$/;
/** Metadata of a route: fields of its answer that are said once and not kept. */
const SAID_ONCE = 'kassa:said-once';
/** Answers that say "not now": repeating the request is right, so they must not stick to its key. */
const NOT_NOW = new Set([408, 425, 429]);
/** The same from below: another request, or this one before a crash, still holds what this one needs. */
const IN_PROGRESS = 'REQUEST_IN_PROGRESS';

/**
 * Carries a keyed request out once (IETF draft "The Idempotency-Key HTTP Header Field"). Runs behind the access guard and
 * around validation: the first answer counts, also when it is a refusal.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly idempotency: IdempotencyService,
    private readonly reflector: Reflector,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest & { rawBody?: Buffer }>();
    const keyed = keyedRequestOf(request);
    if (!keyed) return next.handle();

    const claim = await this.idempotency.claim(keyed, `${request.method} ${pathOf(request)}`);
    switch (claim.kind) {
      case 'reused':
        throw conflict('IDEMPOTENCY_KEY_REUSED', 'This Idempotency-Key was used for another request');
      case 'running':
        throw conflict('REQUEST_IN_PROGRESS', 'The request with this Idempotency-Key is still being carried out');
      case 'completed':
        throw new ReplayedAnswer(claim.answer);
      case 'claimed': {
        const held = this.idempotency.hold(keyed, claim.lease);
        const reply = context.switchToHttp().getResponse<FastifyReply>();
        const saidOnce = this.reflector.get<readonly string[]>(SAID_ONCE, context.getHandler());
        return of(await IdempotencyContext.run(keyed, () => carryOut(next, held, request, reply, saidOnce)));
      }
    }
  }
}

/**
 * The route honours `Idempotency-Key`: every POST that creates or charges. Without the header it runs as usual. Bound to
 * the route, because a global interceptor would cost every other route a tenth of its time.
 * @param saidOnce secrets among the fields of the answer: kept nowhere, a replay says null.
 */
export const Idempotent = ({ saidOnce = [] }: { saidOnce?: readonly string[] } = {}) =>
  applyDecorators(
    SetMetadata(SAID_ONCE, saidOnce),
    UseInterceptors(IdempotencyInterceptor),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'The first answer is kept 24 hours and replayed',
    }),
  );

async function carryOut(
  next: CallHandler,
  held: HeldKey,
  request: FastifyRequest,
  reply: FastifyReply,
  saidOnce: readonly string[],
): Promise<unknown> {
  let value: unknown;
  try {
    value = await lastValueFrom(next.handle() as Observable<unknown>, { defaultValue: undefined });
  } catch (error) {
    const { status, body, headers } = errorAnswerOf(error, request.id);
    if (!isFinal(status) || body.error.code === IN_PROGRESS) await held.release();
    else await held.complete({ status, body, headers });
    throw error;
  }
  const body = withoutFields(value ?? null, saidOnce);
  const answer: KeptAnswer = { status: reply.statusCode, body, headers: locationOf(reply) };
  if (isFinal(answer.status)) await held.complete(answer);
  else await held.release();
  return value;
}

function withoutFields(body: unknown, fields: readonly string[]): unknown {
  if (fields.length === 0 || typeof body !== 'object' || body === null) return body;
  return { ...body, ...Object.fromEntries(fields.map((field) => [field, null])) };
}

function isFinal(status: number): boolean {
  return status < 500 && !NOT_NOW.has(status);
}

/** Undefined without the header, or on an open route, where there is no caller to scope it to. */
function keyedRequestOf(request: FastifyRequest & { rawBody?: Buffer }): KeyedRequest | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined || !request.principal) return undefined;
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw invalidInput([{ field: 'Idempotency-Key', message: 'must be 1 to 255 printable ASCII characters' }]);
  }
  const hash = createHash('sha256')
    .update(`${request.method} ${pathOf(request)}\n`)
    .update(request.rawBody ?? '')
    .digest();
  return { scope: scopeOf(request.principal), key, hash };
}

/** With the query, without the version: /v1/x and /x are the same route. */
function pathOf(request: FastifyRequest): string {
  return request.url.replace(/^\/v1(?=\/)/, '');
}

function locationOf(reply: FastifyReply): Record<string, string> {
  const location = reply.getHeader('location');
  return typeof location === 'string' ? { location } : {};
}
