import type { Provider, Type } from '@nestjs/common';
import { FraudDecisionsRepository } from './fraud-decisions.repository';
import { FraudDeskController } from './fraud-desk.controller';
import { FraudObserver } from './fraud-observer.service';
import { FraudRulesRepository } from './fraud-rules.repository';
import { FraudRules } from './fraud-rules.service';
import { FraudSignalsRepository } from './fraud-signals.repository';
import { PaymentGuard } from './payment-guard.flow';
import { Pseudonyms } from './pseudonyms.service';
import { TrialCardsFlow } from './trial-cards.flow';
import { TrialFingerprintsRepository } from './trial-fingerprints.repository';

/** What the billing module is given of this part. */
export const FRAUD_CONTROLLERS: Type[] = [FraudDeskController];
export const FRAUD_PROVIDERS: Provider[] = [
  Pseudonyms,
  FraudRulesRepository,
  FraudRules,
  FraudSignalsRepository,
  FraudObserver,
  FraudDecisionsRepository,
  PaymentGuard,
  TrialFingerprintsRepository,
  TrialCardsFlow,
];
