import { Injectable } from '@nestjs/common';
import { AccessInvariant, MirrorInvariant } from '../../billing';
import type { Finding } from '../../ledger';

/**
 * Subscriptions, invoices, payments and all else that is mirrored, refolded from their facts; and what customers may use, from their
 * subscriptions. Both by what writes them. In no snapshot: who differs is looked at again under its customer's lock.
 */
@Injectable()
export class MirrorCheck {
  readonly kinds = ['mirror', 'access'] as const;

  constructor(
    private readonly mirrors: MirrorInvariant,
    private readonly access: AccessInvariant,
  ) {}

  async run(report: (finding: Finding) => void): Promise<Readonly<Record<string, number>>> {
    const objects = await this.mirrors.checkEach(({ provider, providerId, column, actual, expected }) => {
      const message =
        column === 'id' ? 'has no mirror row' : `${column} is ${textOf(actual)}, its facts say ${textOf(expected)}`;
      report({ kind: 'mirror', subject: `${provider} ${providerId}`, message });
    });
    const subscriptions = await this.access.checkAll(({ subscriptionId, featureId, problem }) => {
      report({ kind: 'access', subject: subscriptionId, message: `${featureId}: ${ACCESS_WORDS[problem]}` });
    });
    return { objects, subscriptions };
  }
}

const ACCESS_WORDS = {
  missing: 'is not granted, though the subscription gives it',
  not_earned: 'is granted, though no subscription gives it',
  other_terms: 'is granted otherwise than the subscription gives it',
} as const;

function textOf(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
