import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config';
import { validation } from '../../shared/app-error';
import type { FactObjectType } from '../../shared/facts';
import type { ListedEvent, ListPage, ProviderAdapter, ReadResult, SeenPage, Translation } from '../provider.port';
import { readDelivery } from './wise-delivery';
import { WiseMissed } from './wise-missed';
import { WiseReader } from './wise-reader';
import { translateWiseDelivery } from './wise-translator';

/** Wise as the pipeline knows it. */
@Injectable()
export class WiseAdapter implements ProviderAdapter {
  readonly provider = 'wise';
  /** Of transfers, which stand in its list for good. */
  readonly eventsKeptSeconds = 365 * 86_400;
  readonly listsObjects = false;
  /** Wise's sandbox is another installation with other keys: nothing that it sends says so. */
  readonly livemode: boolean | null;
  private readonly profileId: string;

  constructor(
    { wise }: AppConfig,
    private readonly reader: WiseReader,
    private readonly missed: WiseMissed,
  ) {
    this.livemode = wise ? true : null;
    this.profileId = wise?.profileId ?? '';
  }

  /** Everything told to us is about a balance or a transfer of our profile. */
  namesUs(): boolean {
    return true;
  }

  translate(eventId: string, rawBody: Buffer): Translation {
    const delivery = readDelivery(rawBody);
    if (delivery.eventId !== eventId) {
      throw validation('SCHEMA_VALIDATION', 'The stored body belongs to another event');
    }
    return translateWiseDelivery(delivery, this.profileId);
  }

  read(objectType: FactObjectType, objectId: string, sourceId: string): Promise<ReadResult | null> {
    return this.reader.read(objectType, objectId, sourceId);
  }

  /** Payouts are no customer's. */
  ownerOf(): Promise<null> {
    return Promise.resolve(null);
  }

  undelivered(range: { since: Date; until: Date }, page?: string): Promise<ListPage<ListedEvent>> {
    return this.missed.undelivered(range, page);
  }

  list(): Promise<SeenPage> {
    return Promise.reject(new Error('Wise lists no objects that are mirrored'));
  }
}
