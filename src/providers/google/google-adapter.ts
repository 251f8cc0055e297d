import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config';
import { validation } from '../../shared/app-error';
import type { FactObjectType } from '../../shared/facts';
import type { ListedEvent, ListPage, ProviderAdapter, ReadResult, SeenPage, Translation } from '../provider.port';
import { GoogleMissed } from './google-missed';
import { GoogleReader } from './google-reader';
import { translateGoogleNotification } from './google-translator';
import { readPush } from './google-wire';

/** Google Play as the pipeline knows it. */
@Injectable()
export class GoogleAdapter implements ProviderAdapter {
  readonly provider = 'google';
  /** Of voided purchases; of what else it told, Google keeps nothing. */
  readonly eventsKeptSeconds = 30 * 24 * 3600;
  readonly listsObjects = false;
  /** A tester's purchase looks like any other until it is read. */
  readonly livemode: boolean | null;
  private readonly packageName: string;

  constructor(
    { google }: AppConfig,
    private readonly reader: GoogleReader,
    private readonly missed: GoogleMissed,
  ) {
    this.livemode = google ? true : null;
    this.packageName = google?.packageName ?? '';
  }

  /** Everything pushed to us is about an app of ours. */
  namesUs(): boolean {
    return true;
  }

  translate(eventId: string, rawBody: Buffer): Translation {
    const notification = readPush(rawBody);
    if (notification.messageId !== eventId) {
      throw validation('SCHEMA_VALIDATION', 'The stored body belongs to another event');
    }
    return translateGoogleNotification(notification, this.packageName);
  }

  read(objectType: FactObjectType, objectId: string, sourceId: string): Promise<ReadResult | null> {
    return this.reader.read(objectType, objectId, sourceId);
  }

  ownerOf(customerRef: string): Promise<string | null> {
    return this.reader.ownerOf(customerRef);
  }

  undelivered(range: { since: Date; until: Date }, page?: string): Promise<ListPage<ListedEvent>> {
    return this.missed.undelivered(range, page);
  }

  list(): Promise<SeenPage> {
    return Promise.reject(new Error('Google Play lists no objects'));
  }
}
