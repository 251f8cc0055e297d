import { BadRequestException, NotFoundException, ServiceUnavailableException } from '@nestjs/common';
import { notFound, rateLimited, unavailable } from '../../../shared/app-error';
import { errorAnswerOf } from './error-answer';

const answerTo = (error: unknown) => errorAnswerOf(error, 'req-1');

describe('errorAnswerOf', () => {
  it('carries an AppError over as it is', () => {
    expect(answerTo(notFound('PLAN_NOT_FOUND', 'Plan not found', { plan: 'GOLD' }))).toEqual({
      status: 404,
      headers: {},
      body: {
        success: false,
        error: { code: 'PLAN_NOT_FOUND', message: 'Plan not found', details: { plan: 'GOLD' }, requestId: 'req-1' },
      },
    });
  });

  it('rounds Retry-After up to whole seconds, at least one', () => {
    expect(answerTo(rateLimited('Slow down', 1.2)).headers).toEqual({ 'retry-after': '2' });
    expect(answerTo(unavailable('X', 'x', 0)).headers).toEqual({ 'retry-after': '1' });
  });

  it.each([
    ['a plain error', new Error('secret internals at /srv/app')],
    ['a thrown text', 'secret internals'],
    ['nothing', undefined],
    ['a database bug', Object.assign(new Error('column secret does not exist'), { code: '42703' })],
    ['an error with an odd status', Object.assign(new Error('secret'), { statusCode: 200 })],
  ])('says nothing about %s', (_name, error) => {
    const { status, body } = answerTo(error);
    expect({ status, code: body.error.code }).toEqual({ status: 500, code: 'UNEXPECTED' });
    expect(JSON.stringify(body)).not.toMatch(/secret/);
  });

  it.each([
    ['refused', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
    ['shutting down', Object.assign(new Error('terminating'), { code: '57P01' })],
    ['too many connections', Object.assign(new Error('sorry'), { code: '53300' })],
    ['unreachable through Prisma', Object.assign(new Error('x'), { code: 'P1001' })],
    ['a serialization failure', Object.assign(new Error('x'), { code: '40001' })],
  ])('answers 503 with Retry-After when the database is away: %s', (_name, error) => {
    const { status, body, headers } = answerTo(error);
    expect([status, body.error.code, headers['retry-after']]).toEqual([503, 'DATABASE_UNAVAILABLE', '1']);
  });

  it.each([
    ['FST_ERR_CTP_INVALID_JSON_BODY', 400, 400, 'INVALID_INPUT'],
    ['FST_ERR_CTP_EMPTY_JSON_BODY', 400, 400, 'INVALID_INPUT'],
    ['FST_ERR_CTP_BODY_TOO_LARGE', 413, 413, 'BODY_TOO_LARGE'],
    ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 415, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['FST_ERR_BAD_URL', 400, 400, 'INVALID_INPUT'],
    ['FST_ERR_MAX_PARAM_LENGTH', 414, 414, 'URI_TOO_LONG'],
  ])("translates Fastify's %s", (code, statusCode, status, expected) => {
    const answer = answerTo(Object.assign(new Error('internal words'), { code, statusCode }));
    expect([answer.status, answer.body.error.code]).toEqual([status, expected]);
    expect(JSON.stringify(answer.body)).not.toContain('internal words');
    if (status === 400) expect(answer.body.error.details).toHaveProperty('fields');
  });

  it("translates Nest's exceptions", () => {
    expect(answerTo(new NotFoundException('Cannot GET /x')).body.error).toMatchObject({
      code: 'NOT_FOUND',
      message: 'There is nothing at this address',
    });
    expect(answerTo(new BadRequestException('Validation failed (uuid is expected)')).body.error.details).toEqual({
      fields: [{ field: 'request', message: 'Validation failed (uuid is expected)' }],
    });
    expect(answerTo(new ServiceUnavailableException()).status).toBe(503);
  });
});
