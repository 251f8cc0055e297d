import { Catch, Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ReplayedAnswer } from '../idempotency/replayed-answer';
import { errorAnswerOf } from './error-answer';

const JSON_TYPE = 'application/json; charset=utf-8';

/** The only filter: every error that reaches Nest leaves in the envelope. */
@Catch()
@Injectable()
export class ErrorFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    if (error instanceof ReplayedAnswer) replay(error, reply);
    else answerError(error, http.getRequest<FastifyRequest>(), reply);
  }
}

function replay({ answer }: ReplayedAnswer, reply: FastifyReply): void {
  void reply
    .status(answer.status)
    .headers({ ...answer.headers, 'idempotent-replayed': 'true', 'content-type': JSON_TYPE })
    .send(answer.body === null ? '' : answer.body);
}

/** Also for errors Fastify finds before it knows a route (a malformed URL), which no filter sees. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const answer = errorAnswerOf(error, request.id);
  if (answer.status >= 500) request.log.error({ err: error, code: answer.body.error.code }, 'Request failed');
  if (reply.sent || reply.raw.headersSent) {
    // A stream was cut in the middle: there is no status left to send, but the caller must see that it is not whole.
    reply.raw.destroy();
    return;
  }
  request.errorCode = answer.body.error.code;
  void reply
    .status(answer.status)
    .headers({ ...answer.headers, 'x-request-id': request.id, 'content-type': JSON_TYPE })
    .send(answer.body);
}
