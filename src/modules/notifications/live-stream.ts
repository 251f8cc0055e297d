import type { MessageEvent } from '@nestjs/common';
import { Observable, type Subscriber } from 'rxjs';
import type { Position } from './live-events.repository';

/** setTimeout's own limit, some 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** One open connection: whose it is, how far it has come, and where to write. */
export class LiveStream {
  /** Undefined until it is known from where on it is told. */
  position: Position | undefined;
  /** Wall time; see `Question`. */
  since: Date;
  private subscriber: Subscriber<MessageEvent> | undefined;
  private expiry: NodeJS.Timeout | undefined;

  constructor(
    readonly userId: string,
    openedAt: Date,
  ) {
    this.since = openedAt;
  }

  /** Written to by the router from the moment `opened` is called on. */
  events(opened: () => void): Observable<MessageEvent> {
    return new Observable((subscriber) => {
      this.subscriber = subscriber;
      // The router sends the headers with the first message: the app learns that it is connected.
      subscriber.next({ comment: 'connected' });
      opened();
    });
  }

  get isOpen(): boolean {
    return this.subscriber?.closed === false;
  }

  send(message: MessageEvent): void {
    this.subscriber?.next(message);
  }

  endIn(milliseconds: number): void {
    this.expiry = setTimeout(
      () => {
        this.end();
      },
      Math.min(Math.max(0, milliseconds), LONGEST_TIMER_MS),
    );
    this.expiry.unref();
  }

  end(): void {
    clearTimeout(this.expiry);
    this.subscriber?.complete();
  }
}
