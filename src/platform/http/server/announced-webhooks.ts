import { Injectable } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';

type Webhooks = NonNullable<OpenAPIObject['webhooks']>;

/** What this service posts to others, for the contract: whoever posts it announces it while the process starts. */
@Injectable()
export class AnnouncedWebhooks {
  private readonly webhooks = new Map<string, Webhooks[string]>();

  announce(name: string, item: Webhooks[string]): void {
    this.webhooks.set(name, item);
  }

  get all(): Webhooks {
    return Object.fromEntries(this.webhooks);
  }
}
