import type { FastifyRequest } from 'fastify';
import type { Attempt } from '../webhooks/deliverer';
import type { AppleWorld } from './index';
import { AppleApiError } from './server-api-errors';
import type { Notification } from './wire';

const KEPT_MS = 180 * 86_400_000;
const PAGE = 20;

interface HistoryRequest {
  readonly startDate?: unknown;
  readonly endDate?: unknown;
  readonly notificationType?: unknown;
  readonly notificationSubtype?: unknown;
  readonly transactionId?: unknown;
  readonly onlyFailures?: unknown;
}

/** `POST /inApps/v1/notifications/history`: what was sent in the last 180 days, oldest first, and how it was received. */
export function notificationHistory(apple: AppleWorld, request: FastifyRequest): object {
  const body = (request.body ?? {}) as HistoryRequest;
  const { paginationToken } = request.query as { paginationToken?: string };
  const { from, to } = range(body, apple.now());
  if (body.transactionId !== undefined && body.notificationType !== undefined) {
    throw new AppleApiError(400, 4000019, 'Multiple filters supplied.');
  }
  const attempts = attemptsOf(apple);
  const account = typeof body.transactionId === 'string' ? apple.book.accountOf(body.transactionId) : undefined;
  if (body.transactionId !== undefined && account === undefined) {
    throw new AppleApiError(404, 4040010, 'Transaction id not found.');
  }
  const found = [...apple.book.notifications.values()].filter((one) => {
    if (one.signedDate < from || one.signedDate > to) return false;
    if (body.notificationType !== undefined && one.notificationType !== body.notificationType) return false;
    if (body.notificationSubtype !== undefined && one.subtype !== body.notificationSubtype) return false;
    if (account !== undefined && apple.book.accountOf(one.originalTransactionId ?? '') !== account) return false;
    return body.onlyFailures !== true || !arrived(attempts.get(one.id) ?? []);
  });
  const start = startOf(paginationToken);
  const page = found.slice(start, start + PAGE);
  const hasMore = start + page.length < found.length;
  return {
    ...(hasMore && { paginationToken: Buffer.from(`at:${start + page.length}`).toString('base64url') }),
    hasMore,
    notificationHistory: page.map((one) => item(one, attempts.get(one.id) ?? [])),
  };
}

function range({ startDate, endDate }: HistoryRequest, now: number): { from: number; to: number } {
  if (typeof startDate !== 'number') throw new AppleApiError(400, 4000015, 'Invalid request start date.');
  if (typeof endDate !== 'number') throw new AppleApiError(400, 4000016, 'Invalid request end date.');
  if (startDate < now - KEPT_MS) throw new AppleApiError(400, 4000012, 'Start date is too far in the past.');
  if (startDate >= endDate) throw new AppleApiError(400, 4000013, 'Start date is after end date.');
  return { from: startDate, to: endDate };
}

function startOf(token: string | undefined): number {
  if (token === undefined) return 0;
  const at = /^at:(\d{1,9})$/.exec(Buffer.from(token, 'base64url').toString())?.[1];
  if (at === undefined) throw new AppleApiError(400, 4000014, 'Invalid request pagination token.');
  return Number(at);
}

function attemptsOf({ deliverer }: AppleWorld): Map<string, Attempt[]> {
  const all = new Map<string, Attempt[]>();
  for (const { eventId, attempts } of deliverer.all()) all.set(eventId, [...(all.get(eventId) ?? []), ...attempts]);
  return all;
}

function isSuccess({ status }: Attempt): boolean {
  return status !== null && status >= 200 && status < 300;
}

function arrived(attempts: readonly Attempt[]): boolean {
  return attempts.some(isSuccess);
}

function item({ signedPayload }: Notification, attempts: readonly Attempt[]): object {
  const result = (one: Attempt): string => {
    if (isSuccess(one)) return 'SUCCESS';
    return one.status === null ? 'NO_RESPONSE' : 'UNSUCCESSFUL_HTTP_RESPONSE_CODE';
  };
  const sendAttempts = attempts.slice(0, 6).map((one) => ({ attemptDate: one.at, sendAttemptResult: result(one) }));
  return { signedPayload, sendAttempts };
}
