import { Controller, Headers, Sse, SseSignal, type MessageEvent } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Observable } from 'rxjs';
import { unexpected } from '../../shared/app-error';
import { Authenticated, Caller, type Principal } from '../../platform/http';
import { LiveStreams } from './live-streams.service';

/** An app that does not read is cut off, and comes back with its last event's id. */
const MOST_UNREAD_CHARACTERS = 65_536;

const EXAMPLE = `: connected

event: subscription.updated
id: out_01kb2x7m0e8v6q3yt1z5c9r4aw
data: {"occurredAt":"2026-11-21T13:00:00.000Z","subscriptionId":"sub_01kb2x7kzq…","status":"active"}

: heartbeat
`;

@ApiTags('Billing')
@Controller('billing/subscriptions/me')
export class LiveStreamController {
  constructor(private readonly streams: LiveStreams) {}

  @Sse('stream', { maxPendingDataLength: MOST_UNREAD_CHARACTERS })
  @Authenticated()
  @ApiOperation({
    summary: 'What happens to the subscription, as it happens',
    description:
      'Server-Sent Events: `subscription.updated`, `entitlements.updated`, `payment.failed`, `notification.created`. An event holds ids and states; read the ' +
      'rest where it is. A comment comes every 15 s. The stream ends with the token, and when a process stops: connect again with the ' +
      'last id, and what was missed comes first (up to 100 events of the last hour).',
  })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'Id of the last event received' })
  @ApiOkResponse({
    description: 'The stream',
    content: { 'text/event-stream': { schema: { type: 'string' }, example: EXAMPLE } },
  })
  stream(
    @Caller() caller: Principal,
    @Headers('last-event-id') lastEventId: string | undefined,
    @SseSignal() signal: AbortSignal,
  ): Promise<Observable<MessageEvent>> {
    if (caller.kind !== 'user') throw unexpected('NO_USER', 'This route has no signed-in user');
    return this.streams.open({ userId: caller.user.id, expiresAt: caller.expiresAt, lastEventId, signal });
  }
}
