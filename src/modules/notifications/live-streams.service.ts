import {
  Injectable,
  Logger,
  type MessageEvent,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import type { Observable } from 'rxjs';
import { rateLimited, unavailable } from '../../shared/app-error';
import { Clock } from '../../shared/clock';
import { isId } from '../../shared/ids';
import { Broadcast } from '../../platform/cache';
import { AppConfig } from '../../platform/config';
import { UnitOfWork } from '../../platform/database';
import { Metrics } from '../../platform/metrics';
import { toLiveEvent } from './domain/live-event';
import { LiveEventsRepository, PAGE, type PlacedEvent, type Position } from './live-events.repository';
import { LiveStream } from './live-stream';
import { LIVE_CHANNEL, LIVE_TYPES } from './live-types';

export interface StreamRequest {
  userId: string;
  lastEventId: string | undefined;
  /** The token's. */
  expiresAt: Date;
  /** Aborted when the connection is over, however it ends. */
  signal: AbortSignal;
}

/** In this process, for one user: his tabs and devices, not a program that never closes one. */
const STREAMS_PER_USER = 10;
const HEARTBEAT_MS = 15_000;
/** Without Redis to tell us. */
const LOOK_EVERY_MS = 3_000;
/** Hints may be lost even with Redis there, so every tenth time all look anyway. */
const LOOKS_PER_ROUND = 10;
const SETTLE_MS = 100;
const REPLAY_MS = 3_600_000;
/** An event's id and its commit are closer than this: transactions end within 8 s. */
const MARGIN_MS = 60_000;
const STREAMS_PER_LOOK = 500;

/**
 * The open streams of this process. Each reads the outbox from its own position on, so replay and live are one path:
 * nothing is told twice, nothing is left out, and it does not matter which process told of it or which serves it.
 */
@Injectable()
export class LiveStreams implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(LiveStreams.name);
  private readonly streams = new Map<string, Set<LiveStream>>();
  private readonly due = new Set<LiveStream>();
  private readonly timers: NodeJS.Timeout[] = [];
  private looking = false;
  private stopping = false;
  private rounds = 0;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: LiveEventsRepository,
    private readonly broadcast: Broadcast,
    private readonly clock: Clock,
    private readonly config: AppConfig,
    metrics: Metrics,
  ) {
    metrics.gauge({
      name: 'kassa_live_streams',
      help: 'Open live streams of this process',
      collect: (gauge) => {
        gauge.set(this.size);
      },
    });
  }

  onApplicationBootstrap(): void {
    if (this.config.role === 'worker') return;
    this.broadcast.listen(LIVE_CHANNEL, {
      heard: (userId) => {
        this.look(this.streams.get(userId) ?? []);
      },
      joined: () => {
        this.look(this.all());
      },
    });
    this.every(HEARTBEAT_MS, () => {
      for (const stream of this.all()) stream.send({ comment: 'heartbeat' });
    });
    this.every(LOOK_EVERY_MS, () => {
      this.rounds = (this.rounds + 1) % LOOKS_PER_ROUND;
      if (this.rounds === 0 || !this.broadcast.isListening) this.look(this.all());
    });
  }

  /** Before the server closes, which waits for open answers: apps go to another process, with their last event's id. */
  onModuleDestroy(): void {
    this.stopping = true;
    for (const timer of this.timers) clearInterval(timer);
    for (const stream of [...this.all()]) stream.end();
  }

  get size(): number {
    return [...this.streams.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** @throws RATE_LIMITED for one stream too many, SHUTTING_DOWN. */
  async open({ userId, lastEventId, expiresAt, signal }: StreamRequest): Promise<Observable<MessageEvent>> {
    if (this.stopping) throw unavailable('SHUTTING_DOWN', 'This process is shutting down', 1);
    if ((this.streams.get(userId)?.size ?? 0) >= STREAMS_PER_USER) {
      throw rateLimited('Too many open streams', HEARTBEAT_MS / 1000, { limit: STREAMS_PER_USER });
    }
    const now = this.clock.wall();
    const stream = new LiveStream(userId, now);
    this.add(stream);
    const leave = (): void => {
      stream.end();
      this.remove(stream);
    };
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
    try {
      Object.assign(stream, await this.beginning(userId, lastEventId, now));
    } catch (error) {
      leave();
      throw error;
    }
    return stream.events(() => {
      stream.endIn(expiresAt.getTime() - this.clock.wall().getTime());
      this.look([stream]);
    });
  }

  /** An id that is not one of this user's events begins nothing: the stream goes on from now. */
  private beginning(
    userId: string,
    lastEventId: string | undefined,
    now: Date,
  ): Promise<{ position: Position; since: Date }> {
    const earliest = new Date(now.getTime() - REPLAY_MS);
    return this.unitOfWork.service(async (tx) => {
      const place = isId('out', lastEventId)
        ? await this.repository.placeOf(tx, { eventId: lastEventId, userId, types: LIVE_TYPES, since: earliest })
        : null;
      if (!place) return { position: await this.repository.end(tx), since: new Date(now.getTime() - MARGIN_MS) };
      const { recordedAt, ...position } = place;
      return { position, since: new Date(Math.max(earliest.getTime(), recordedAt.getTime() - MARGIN_MS)) };
    });
  }

  private look(streams: Iterable<LiveStream>): void {
    for (const stream of streams) this.due.add(stream);
    if (this.looking || this.due.size === 0) return;
    this.looking = true;
    this.lookWhileDue().then(
      () => {
        this.looking = false;
        // Something may have become due between the last look and now.
        this.look([]);
      },
      (error: unknown) => {
        this.looking = false;
        this.logger.warn(`Live streams will look again: ${String(error)}`);
      },
    );
  }

  /** What fails stays due and is looked at with the next hint or round. */
  private async lookWhileDue(): Promise<void> {
    while (this.due.size > 0) {
      const batch = [...this.due].filter(({ isOpen }) => isOpen).slice(0, STREAMS_PER_LOOK);
      if (batch.length === 0) {
        this.due.clear();
        return;
      }
      // Before the query: a hint that comes while it runs means another look.
      for (const stream of batch) this.due.delete(stream);
      try {
        await this.tell(batch);
      } catch (error) {
        for (const stream of batch) this.due.add(stream);
        throw error;
      }
    }
  }

  private async tell(batch: readonly LiveStream[]): Promise<void> {
    const begun = this.clock.wall();
    const questions = batch.flatMap(({ userId, position, since }, stream) =>
      position ? [{ stream, userId, position, since }] : [],
    );
    const events = await this.unitOfWork.service((tx) => this.repository.after(tx, questions, LIVE_TYPES));
    const byStream = new Map<number, PlacedEvent[]>();
    for (const event of events) byStream.set(event.stream, [...(byStream.get(event.stream) ?? []), event]);
    for (const [index, stream] of batch.entries()) this.tellStream(stream, byStream.get(index) ?? [], begun);
  }

  private tellStream(stream: LiveStream, events: readonly PlacedEvent[], begun: Date): void {
    for (const event of events) {
      if (!event.settled) {
        setTimeout(() => {
          this.look([stream]);
        }, SETTLE_MS).unref();
        return;
      }
      stream.send(toLiveEvent(event));
      stream.position = event.position;
    }
    if (events.length === PAGE) this.due.add(stream);
    else stream.since = new Date(begun.getTime() - MARGIN_MS);
  }

  private all(): LiveStream[] {
    return [...this.streams.values()].flatMap((ofUser) => [...ofUser]);
  }

  private add(stream: LiveStream): void {
    const ofUser = this.streams.get(stream.userId) ?? new Set();
    this.streams.set(stream.userId, ofUser.add(stream));
  }

  private remove(stream: LiveStream): void {
    const ofUser = this.streams.get(stream.userId);
    ofUser?.delete(stream);
    if (ofUser?.size === 0) this.streams.delete(stream.userId);
    this.due.delete(stream);
  }

  private every(milliseconds: number, work: () => void): void {
    const timer = setInterval(work, milliseconds);
    timer.unref();
    this.timers.push(timer);
  }
}
