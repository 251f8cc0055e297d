export {
  Acting,
  Authenticated,
  Caller,
  Cron,
  CurrentUser,
  Internal,
  Public,
  Roles,
  Signed,
  UserOrInternal,
} from './auth/access.decorators';
export { ROLES, type Principal, type Role, type UserIdentity } from './auth/principal';
export { HealthRegistry, type HealthContributor, type HealthReport } from './health/health-registry';
export { HotReads, type HotRead } from './hot-reads/hot-reads.service';
export { HttpModule } from './http.module';
export { IdempotencyContext, type KeyedRequest } from './idempotency/idempotency-context';
export { Idempotent } from './idempotency/idempotency.interceptor';
export { IdempotencyService } from './idempotency/idempotency.service';
export { OriginContext, type RequestOrigin } from './origin/origin-context';
export { PageQuery, decodeCursor, encodeCursor, pageOf, type Keyset, type Page } from './pagination/page';
export { PeriodQuery } from './pagination/period-query';
export { PaymentAttempt, Unlimited } from './rate-limit/payment-attempt.decorator';
export { allowedRedirect, redirectRules, type RedirectRules } from './redirects/redirect-policy';
export { AnnouncedWebhooks } from './server/announced-webhooks';
export { BatchBody } from './server/body-limit';
export { IgnoresBody, TakesFile } from './server/json-body';
export { createApp, type CreateAppOptions } from './server/create-app';
export { stopOnSignal } from './server/run-until-signal';
export { invalidInput, type FieldProblem } from './validation/input.pipe';
export { IsInstant } from './validation/is-instant';
export { IsWord } from './validation/is-word';
