import { Injectable, Logger } from '@nestjs/common';
import { isAppError } from '../../shared/app-error';
import { Clock } from '../../shared/clock';
import type { ListedEvent, ListPage } from '../provider.port';
import { AppleClient } from './apple-client';
import { AppleVerifier } from './apple-verifier';
import { toVerifiedEvent } from './apple-webhook';
import type { AppleEnvironment } from './apple-wire';

/** A little less than Apple's 180 days: its clock is not ours. */
const KEPT_MS = 180 * 86_400_000 - 60_000;

/** Apple's notification history, of what it sent in vain above all: as signed as what arrives, and stored as it would have been. */
@Injectable()
export class AppleMissed {
  private readonly logger = new Logger(AppleMissed.name);

  constructor(
    private readonly client: AppleClient,
    private readonly verifier: AppleVerifier,
    private readonly clock: Clock,
  ) {}

  /** @param page `<environment>` or `<environment>:<token>`; the environments come one after the other. */
  undelivered(range: { since: Date; until: Date }, page?: string): Promise<ListPage<ListedEvent>> {
    return this.sent(range, page, true);
  }

  /** All that was sent, or was to be. @param page as of `undelivered`. */
  async sent(
    { since, until }: { since: Date; until: Date },
    page?: string,
    onlyFailures = false,
  ): Promise<ListPage<ListedEvent>> {
    const { environment, token } = this.placeOf(page);
    if (environment === undefined) return { items: [], next: null };
    const endDate = until.getTime();
    const startDate = Math.max(since.getTime(), this.clock.now().getTime() - KEPT_MS);
    if (startDate >= endDate) return { items: [], next: this.after(environment) };
    const answer = await this.client.notifications(environment, { startDate, endDate, onlyFailures }, token);
    const items: ListedEvent[] = [];
    for (const { signedPayload } of answer.notificationHistory ?? []) {
      const event = signedPayload === undefined ? null : await this.verified(signedPayload);
      if (event) items.push(event);
    }
    const more = answer.hasMore === true && answer.paginationToken !== undefined;
    return { items, next: more ? `${environment}:${answer.paginationToken ?? ''}` : this.after(environment) };
  }

  private placeOf(page: string | undefined): { environment: AppleEnvironment | undefined; token: string | null } {
    const [name, token] = page === undefined ? [] : page.split(/:(.*)/s);
    const { environments } = this.client;
    const environment = name === undefined ? environments[0] : environments.find((one) => one === name);
    return { environment, token: token ?? null };
  }

  private after(environment: AppleEnvironment): string | null {
    return this.client.environments[this.client.environments.indexOf(environment) + 1] ?? null;
  }

  /** What cannot be verified is left out: it could not have been delivered either. */
  private async verified(signedPayload: string): Promise<ListedEvent | null> {
    try {
      const notification = await this.verifier.notification(signedPayload);
      return { ...toVerifiedEvent(notification), rawBody: Buffer.from(JSON.stringify({ signedPayload })) };
    } catch (error) {
      if (!isAppError(error) || error.kind !== 'validation') throw error;
      this.logger.warn(`Apple's notification history holds one that is not verified: ${error.code}`);
      return null;
    }
  }
}
