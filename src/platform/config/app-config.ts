import type { KeyObject } from 'node:crypto';
import type { HostPort } from './setting';
import type { SettingValues } from './settings';

export interface HttpConfig {
  readonly host: string;
  readonly port: number;
  /** Without a trailing slash. */
  readonly publicUrl: string;
  readonly trustProxy: false | number | readonly string[];
  /** Undefined: nobody says which country a request comes from. */
  readonly countryHeader: string | undefined;
  readonly corsOrigins: readonly string[];
  /** Web origins (`https://app.example`) and app schemes (`myapp://`). */
  readonly redirectAllowList: readonly string[];
  readonly rateLimitPerMinute: number;
  readonly rateLimitPaymentsPerMinute: number;
  readonly shutdownDelaySeconds: number;
}

export interface InboxConfig {
  readonly archiveAfterDays: number;
  /** Zero: for good. */
  readonly retentionMonths: number;
}

/** Where the keys of tokens come from; never both, so that one can never be taken for the other. */
export type AuthKeySource =
  { readonly kind: 'jwks'; readonly url: string } | { readonly kind: 'secret'; readonly secret: string };

export interface AuthConfig {
  readonly keys: AuthKeySource;
  readonly issuer: string;
  readonly audience: string;
  readonly rolesClaim: string;
  /** Undefined: internal routes refuse everybody. */
  readonly internalApiKey: string | undefined;
  /** Undefined: cron routes refuse everybody. */
  readonly cronSecret: string | undefined;
}

export interface StripeConfig {
  readonly secretKey: string;
  readonly webhookSecrets: readonly string[];
  readonly apiBase: string;
  /** Whether Stripe Tax computes what is sold, and what a price without a word about tax becomes. */
  readonly tax: { readonly automatic: boolean; readonly behavior: SettingValues['STRIPE_TAX_BEHAVIOR'] };
}

export interface AppleConfig {
  readonly bundleId: string;
  readonly appId: number | undefined;
  readonly environments: readonly ('Production' | 'Sandbox')[];
  readonly rootCertFiles: readonly string[];
  /** Undefined: receipts are verified, the App Store Server API is not called. */
  readonly api: { readonly issuerId: string; readonly keyId: string; readonly privateKey: string } | undefined;
  readonly apiBase: string | undefined;
  readonly onlineChecks: boolean;
}

export interface GoogleConfig {
  readonly packageName: string;
  readonly pushAudience: string;
  readonly pushServiceAccount: string;
  readonly certsUrl: string | undefined;
  readonly apiBase: string | undefined;
  readonly credentialsFile: string | undefined;
}

/** By which of its programmes each store's commission is estimated, and from when on. */
export interface StoreCommissionConfig {
  readonly apple: SettingValues['APPLE_COMMISSION'];
  readonly google: SettingValues['GOOGLE_COMMISSION'];
}

export interface PayoutsConfig {
  /** Hundredths of a per cent. */
  readonly quoteToleranceBps: number;
}

export interface WiseConfig {
  readonly apiToken: string;
  readonly profileId: string;
  /** PEM or the path of a file that holds it; several keys one after the other. */
  readonly webhookPublicKey: string;
  readonly apiBase: string;
}

/** How often what is stored here is compared with the provider. */
export interface FreshnessConfig {
  /** 0 is off. */
  readonly readsPerMinute: number;
  readonly patienceSeconds: number;
}

/** How customers are told. */
export interface MessagesConfig {
  /** Undefined: mail is kept for operators to see, and sent to nobody. */
  readonly smtp: { readonly url: string; readonly from: string } | undefined;
  /** Undefined: no push messages. */
  readonly expo: { readonly accessToken: string; readonly apiBase: string } | undefined;
  /** Page of the app on which customers manage their subscription. */
  readonly appUrl: string | undefined;
}

/** Webhooks of ours to the customer's own backend. */
export interface OutgoingConfig {
  /** CIDR. */
  readonly allowPrivate: readonly string[];
  readonly timeoutMs: number;
  /** 0: never. */
  readonly disableAfterDays: number;
  readonly logDays: number;
}

/** The one configuration object; frozen, and injectable by this class. A provider without its settings is undefined. */
export class AppConfig {
  readonly environment: SettingValues['NODE_ENV'];
  readonly isProduction: boolean;
  readonly role: SettingValues['ROLE'];
  readonly logLevel: SettingValues['LOG_LEVEL'];
  readonly otlpEndpoint: string | undefined;
  readonly http: HttpConfig;
  readonly databaseUrl: string;
  /** Connections per process. */
  readonly databasePoolSize: number;
  /** The owner's connection, for migrations only. */
  readonly migrateDatabaseUrl: string;
  readonly redisUrl: string;
  /** Empty for a single server. */
  readonly redisClusterNodes: readonly HostPort[];
  /** Newest first: the first encrypts, all decrypt. Empty outside production when none is given. */
  readonly encryptionKeys: readonly KeyObject[];
  readonly auth: AuthConfig;
  readonly freshness: FreshnessConfig;
  readonly cachePatienceMs: number;
  /** After this, a claim on rows of inbox or outbox belongs to nobody: its worker is dead or blocked. */
  readonly workLeaseMs: number;
  readonly ledgerCheckSeconds: number;
  readonly inbox: InboxConfig;
  readonly retryOwner: SettingValues['RETRY_OWNER'];
  /** Of one request to a provider, whichever it is. */
  readonly providerTimeoutMs: number;
  readonly stripe: StripeConfig | undefined;
  readonly apple: AppleConfig | undefined;
  readonly google: GoogleConfig | undefined;
  readonly storeCommission: StoreCommissionConfig;
  readonly wise: WiseConfig | undefined;
  readonly payouts: PayoutsConfig;
  readonly outgoing: OutgoingConfig;
  readonly messages: MessagesConfig;

  /** Shapes values that `loadConfig` has found complete; nothing else constructs it. */
  constructor(values: SettingValues) {
    this.environment = values.NODE_ENV;
    this.isProduction = values.NODE_ENV === 'production';
    this.role = values.ROLE;
    this.logLevel = values.LOG_LEVEL;
    this.otlpEndpoint = values.OTEL_EXPORTER_OTLP_ENDPOINT;
    this.http = httpConfig(values);
    this.databaseUrl = present(values.DATABASE_URL);
    this.databasePoolSize = values.DATABASE_POOL_SIZE;
    this.migrateDatabaseUrl = values.MIGRATE_DATABASE_URL ?? this.databaseUrl;
    this.redisUrl = present(values.REDIS_URL);
    this.redisClusterNodes = values.REDIS_CLUSTER_NODES ?? [];
    this.encryptionKeys = values.ENCRYPTION_KEYS ?? [];
    this.auth = authConfig(values);
    this.freshness = {
      readsPerMinute: values.FRESHNESS_READS_PER_MINUTE,
      patienceSeconds: values.FRESHNESS_PATIENCE_SECONDS,
    };
    this.cachePatienceMs = values.CACHE_PATIENCE_MS;
    this.ledgerCheckSeconds = values.LEDGER_CHECK_SECONDS;
    this.workLeaseMs = values.WORK_LEASE_SECONDS * 1000;
    this.inbox = {
      archiveAfterDays: values.INBOX_ARCHIVE_AFTER_DAYS,
      retentionMonths: values.INBOX_RETENTION_MONTHS,
    };
    this.retryOwner = values.RETRY_OWNER;
    this.providerTimeoutMs = values.PROVIDER_TIMEOUT_MS;
    this.stripe = stripeConfig(values);
    this.apple = appleConfig(values);
    this.google = googleConfig(values);
    this.storeCommission = { apple: values.APPLE_COMMISSION, google: values.GOOGLE_COMMISSION };
    this.wise = wiseConfig(values);
    this.payouts = { quoteToleranceBps: values.PAYOUT_QUOTE_TOLERANCE_BPS };
    this.outgoing = outgoingConfig(values);
    this.messages = messagesConfig(values);
    deepFreeze(this);
  }
}

/** The loader has refused to go on without it; this only tells the compiler so. */
function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('A required setting passed the loader without a value');
  return value;
}

function httpConfig(values: SettingValues): HttpConfig {
  return {
    host: values.HOST,
    port: values.PORT,
    publicUrl: values.PUBLIC_URL ?? `http://localhost:${values.PORT}`,
    trustProxy: values.TRUST_PROXY ?? false,
    countryHeader: values.COUNTRY_HEADER,
    corsOrigins: values.CORS_ORIGINS ?? [],
    redirectAllowList: values.REDIRECT_ALLOW_LIST ?? [],
    rateLimitPerMinute: values.RATE_LIMIT_PER_MINUTE,
    rateLimitPaymentsPerMinute: values.RATE_LIMIT_PAYMENTS_PER_MINUTE,
    shutdownDelaySeconds: values.SHUTDOWN_DELAY_SECONDS,
  };
}

function authConfig(values: SettingValues): AuthConfig {
  const jwksUrl = values.AUTH_JWKS_URL;
  return {
    keys:
      jwksUrl === undefined
        ? { kind: 'secret', secret: present(values.AUTH_JWT_SECRET) }
        : { kind: 'jwks', url: jwksUrl },
    issuer: present(values.AUTH_ISSUER),
    audience: present(values.AUTH_AUDIENCE),
    rolesClaim: values.AUTH_ROLES_CLAIM,
    internalApiKey: values.INTERNAL_API_KEY,
    cronSecret: values.CRON_SECRET,
  };
}

function stripeConfig(values: SettingValues): StripeConfig | undefined {
  if (values.STRIPE_SECRET_KEY === undefined) return undefined;
  return {
    secretKey: values.STRIPE_SECRET_KEY,
    webhookSecrets: present(values.STRIPE_WEBHOOK_SECRETS),
    apiBase: values.STRIPE_API_BASE,
    tax: { automatic: values.STRIPE_TAX === 'on', behavior: values.STRIPE_TAX_BEHAVIOR },
  };
}

function appleConfig(values: SettingValues): AppleConfig | undefined {
  if (values.APPLE_BUNDLE_ID === undefined) return undefined;
  return {
    bundleId: values.APPLE_BUNDLE_ID,
    appId: values.APPLE_APP_ID,
    environments: values.APPLE_ENVIRONMENT,
    rootCertFiles: present(values.APPLE_ROOT_CERTS),
    api:
      values.APPLE_ISSUER_ID === undefined
        ? undefined
        : {
            issuerId: values.APPLE_ISSUER_ID,
            keyId: present(values.APPLE_KEY_ID),
            privateKey: present(values.APPLE_PRIVATE_KEY),
          },
    apiBase: values.APPLE_API_BASE,
    onlineChecks: values.APPLE_ONLINE_CHECKS,
  };
}

function googleConfig(values: SettingValues): GoogleConfig | undefined {
  if (values.GOOGLE_PACKAGE_NAME === undefined) return undefined;
  return {
    packageName: values.GOOGLE_PACKAGE_NAME,
    pushAudience: present(values.GOOGLE_PUSH_AUDIENCE),
    pushServiceAccount: present(values.GOOGLE_PUSH_SERVICE_ACCOUNT),
    certsUrl: values.GOOGLE_CERTS_URL,
    apiBase: values.GOOGLE_API_BASE,
    credentialsFile: values.GOOGLE_APPLICATION_CREDENTIALS,
  };
}

function wiseConfig(values: SettingValues): WiseConfig | undefined {
  if (values.WISE_API_TOKEN === undefined) return undefined;
  return {
    apiToken: values.WISE_API_TOKEN,
    profileId: String(present(values.WISE_PROFILE_ID)),
    webhookPublicKey: present(values.WISE_WEBHOOK_PUBLIC_KEY),
    apiBase: values.WISE_API_BASE,
  };
}

function messagesConfig(values: SettingValues): MessagesConfig {
  const { SMTP_URL: url, EXPO_ACCESS_TOKEN: accessToken } = values;
  return {
    smtp: url === undefined ? undefined : { url, from: present(values.MAIL_FROM) },
    expo: accessToken === undefined ? undefined : { accessToken, apiBase: values.EXPO_API_BASE },
    appUrl: values.APP_URL,
  };
}

function outgoingConfig(values: SettingValues): OutgoingConfig {
  return {
    allowPrivate: values.WEBHOOK_ALLOW_PRIVATE ?? [],
    timeoutMs: values.WEBHOOK_TIMEOUT_SECONDS * 1000,
    disableAfterDays: values.WEBHOOK_DISABLE_AFTER_DAYS,
    logDays: values.WEBHOOK_LOG_DAYS,
  };
}

function deepFreeze(value: object): void {
  Object.freeze(value);
  for (const inner of Object.values(value) as unknown[]) {
    if (typeof inner === 'object' && inner !== null && !Object.isFrozen(inner)) deepFreeze(inner);
  }
}
