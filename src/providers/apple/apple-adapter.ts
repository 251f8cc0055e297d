import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config';
import { validation } from '../../shared/app-error';
import type { FactObjectType } from '../../shared/facts';
import type { ListedEvent, ListPage, ProviderAdapter, ReadResult, SeenPage, Translation } from '../provider.port';
import { AppleMissed } from './apple-missed';
import { AppleReader } from './apple-reader';
import { translateAppleNotification } from './apple-translator';
import { claimsOf, readNotification, signedPayloadOf } from './apple-wire';

/** The App Store as the pipeline knows it. */
@Injectable()
export class AppleAdapter implements ProviderAdapter {
  readonly provider = 'apple';
  readonly eventsKeptSeconds = 180 * 24 * 3600;
  /** Only what a customer has can be asked for, by one of his transactions. */
  readonly listsObjects = false;
  readonly livemode: boolean | null;
  readonly countsTestToo: boolean;

  constructor(
    config: AppConfig,
    private readonly reader: AppleReader,
    private readonly missed: AppleMissed,
  ) {
    const environments = config.apple?.environments;
    this.livemode = environments ? environments.includes('Production') : null;
    this.countsTestToo = environments?.includes('Sandbox') ?? false;
  }

  /** Everything signed for our app is ours. */
  namesUs(): boolean {
    return true;
  }

  translate(eventId: string, rawBody: Buffer): Translation {
    const claims = claimsOf(signedPayloadOf(rawBody));
    if (!claims) throw validation('SCHEMA_VALIDATION', 'The stored body is no notification');
    const notification = readNotification(claims);
    if (notification.id !== eventId) throw validation('SCHEMA_VALIDATION', 'The stored body belongs to another event');
    return translateAppleNotification(notification);
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
    return Promise.reject(new Error('The App Store lists no objects'));
  }
}
