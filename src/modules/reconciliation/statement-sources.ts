import { Injectable } from '@nestjs/common';
import type { Provider } from '../../shared/facts';
import type { StatementSource } from '../../providers/statement.port';
import { AppleStatement } from '../../providers/apple';
import { GoogleStatement } from '../../providers/google';
import { StripeStatement } from '../../providers/stripe';
import { WiseStatement } from '../../providers/wise';
import { statementNotConfigured } from './reconciliation.errors';

/** Providers whose statements we can read and that are on in this installation. */
@Injectable()
export class StatementSources {
  private readonly sources: readonly StatementSource[];

  constructor(stripe: StripeStatement, apple: AppleStatement, google: GoogleStatement, wise: WiseStatement) {
    this.sources = [stripe, apple, google, wise];
  }

  on(): readonly StatementSource[] {
    return this.sources.filter(({ on }) => on);
  }

  /** @throws PROVIDER_NOT_CONFIGURED. */
  of(provider: Provider): StatementSource {
    const source = this.on().find((candidate) => candidate.provider === provider);
    if (!source) throw statementNotConfigured(provider);
    return source;
  }
}
