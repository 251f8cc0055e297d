import {
  appleEnvironment,
  boolean,
  connectionUrl,
  datedChoices,
  encryptionKey,
  headerName,
  hostPort,
  integer,
  list,
  mailbox,
  minLength,
  network,
  oneOf,
  optional,
  origin,
  redirectTarget,
  required,
  requiredInProduction,
  text,
  trustProxy,
  webUrl,
  withDefault,
  type Setting,
} from './setting';

/** A key shorter than the hash's output weakens it (RFC 7518, section 3.2); shared secrets follow the same rule. */
const secretText = minLength(32);
const postgres = connectionUrl('postgres:', 'postgresql:');

/** Every setting there is. `.env.example` names the same ones; a spec holds the two together. */
export const SETTINGS = {
  NODE_ENV: withDefault(oneOf('development', 'test', 'production'), 'development', {
    description: 'production refuses missing secrets, plain http and a moved clock',
  }),
  ROLE: withDefault(oneOf('all', 'api', 'worker'), 'all', { description: 'what runs in this process' }),
  HOST: withDefault(text, '0.0.0.0', { description: 'address to listen on' }),
  PORT: withDefault(integer(0, 65535), 3000, { description: 'port to listen on; 0 picks a free one' }),
  PUBLIC_URL: requiredInProduction(webUrl, { description: 'where callers reach this service' }),
  TRUST_PROXY: requiredInProduction(trustProxy, {
    description: 'false, the number of proxies in front, or their addresses; else X-Forwarded-For is not believed',
  }),
  COUNTRY_HEADER: optional(headerName, {
    description: "header in which a trusted proxy names the caller's country, e.g. CF-IPCountry; needs TRUST_PROXY",
  }),
  CORS_ORIGINS: optional(list(origin), { description: 'browser origins that may call, comma-separated' }),
  REDIRECT_ALLOW_LIST: optional(list(redirectTarget), {
    description: 'origins (and app schemes such as myapp://) a customer may be sent back to, comma-separated',
  }),
  SHUTDOWN_DELAY_SECONDS: withDefault(integer(0, 20), 0, {
    description: 'time between not being ready any more and refusing connections; load balancers need some',
  }),
  LOG_LEVEL: withDefault(oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'), 'info', {
    description: 'least severe level that is written',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(connectionUrl('http:', 'https:'), {
    description: 'turns tracing on and says where traces go',
  }),
  RATE_LIMIT_PER_MINUTE: withDefault(integer(1, 1_000_000), 600, { description: 'requests per user or address' }),
  RATE_LIMIT_PAYMENTS_PER_MINUTE: withDefault(integer(1, 1_000_000), 10, {
    description: 'attempts to pay per user; an address has three times as many',
  }),

  DATABASE_URL: required(postgres, { secret: true, description: 'PostgreSQL 15 to 18' }),
  DATABASE_POOL_SIZE: withDefault(integer(2, 500), 10, { description: 'connections per process' }),
  WORK_LEASE_SECONDS: withDefault(integer(1, 300), 15, {
    description: 'how long a worker that says nothing keeps the events it has in hand; longer than any batch takes',
  }),
  INBOX_ARCHIVE_AFTER_DAYS: withDefault(integer(0, 365), 7, {
    description: 'days after which the body of a handled webhook moves to the archive',
  }),
  INBOX_RETENTION_MONTHS: withDefault(integer(0, 1200), 24, {
    description: 'months after which archived bodies are let go; 0 keeps them for good',
  }),
  MIGRATE_DATABASE_URL: optional(postgres, {
    secret: true,
    description: "the owner's connection for migrations; default DATABASE_URL",
  }),
  REDIS_URL: required(connectionUrl('redis:', 'rediss:'), { secret: true, description: 'Redis or Valkey' }),
  CACHE_PATIENCE_MS: withDefault(integer(1, 60_000), 50, {
    description: 'how long a request waits for a cached value before it asks PostgreSQL',
  }),
  REDIS_CLUSTER_NODES: optional(list(hostPort), { description: 'host:port of cluster nodes, comma-separated' }),
  ENCRYPTION_KEYS: requiredInProduction(list(encryptionKey), {
    secret: true,
    description: '32 bytes in base64 each, comma-separated, newest first; old ones still decrypt',
  }),

  AUTH_JWKS_URL: optional(webUrl, { description: "the identity provider's key set (or AUTH_JWT_SECRET)" }),
  AUTH_JWT_SECRET: optional(secretText, { secret: true, description: 'shared HS256 secret (or AUTH_JWKS_URL)' }),
  AUTH_ISSUER: required(text, { description: 'expected "iss" of tokens' }),
  AUTH_AUDIENCE: required(text, { description: 'expected "aud" of tokens' }),
  AUTH_ROLES_CLAIM: withDefault(text, 'roles', { description: 'claim that holds the roles, as a dotted path' }),
  INTERNAL_API_KEY: requiredInProduction(secretText, {
    secret: true,
    description: 'X-Internal-API-Key of our own servers; without it internal routes refuse everybody',
  }),
  CRON_SECRET: requiredInProduction(secretText, {
    secret: true,
    description: 'bearer of cron calls; without it cron routes refuse everybody',
  }),

  PROVIDER_TIMEOUT_MS: withDefault(integer(100, 10_000), 8_000, {
    description:
      'how long a provider may take over one request; with its two retries it ends before the leases that wait',
  }),

  STRIPE_SECRET_KEY: optional(text, { secret: true, description: 'turns Stripe on' }),
  STRIPE_WEBHOOK_SECRETS: optional(list(text), {
    secret: true,
    description: 'whsec_... of the endpoint, comma-separated while rotating',
  }),
  STRIPE_API_BASE: withDefault(webUrl, 'https://api.stripe.com', { description: 'another address for the sandbox' }),
  STRIPE_TAX: withDefault(oneOf('off', 'on'), 'off', {
    description: 'on: Stripe Tax computes what is sold from then on',
  }),
  STRIPE_TAX_BEHAVIOR: withDefault(oneOf('exclusive', 'inclusive'), 'exclusive', {
    description: 'whether tax comes on top of our prices or is contained in them; Stripe keeps it for good per price',
  }),
  FRESHNESS_READS_PER_MINUTE: withDefault(integer(0, 6000), 30, {
    description: 'lists asked of a provider to compare with what is stored here; 0 turns the comparing off',
  }),
  FRESHNESS_PATIENCE_SECONDS: withDefault(integer(0, 3600), 60, {
    description: 'how long a difference may wait for its event before it is drift and is repaired',
  }),
  LEDGER_CHECK_SECONDS: withDefault(integer(10, 86_400), 300, {
    description: 'how often the worker checks what the books promise at any moment',
  }),
  RETRY_OWNER: withDefault(oneOf('kassa', 'stripe'), 'kassa', { description: 'who retries failed renewals' }),

  APPLE_BUNDLE_ID: optional(text, { description: 'turns the App Store on' }),
  APPLE_APP_ID: optional(integer(1, Number.MAX_SAFE_INTEGER), { description: 'numeric id; needed for Production' }),
  APPLE_ENVIRONMENT: withDefault(list(appleEnvironment), ['Production'], {
    description: 'environments whose receipts count, comma-separated; XCODE and LOCAL_TESTING are refused',
  }),
  APPLE_ROOT_CERTS: optional(list(text), { description: "files with Apple's root certificates, DER or PEM" }),
  APPLE_ISSUER_ID: optional(text, { description: 'App Store Connect API issuer' }),
  APPLE_KEY_ID: optional(text, { description: 'App Store Connect API key id' }),
  APPLE_PRIVATE_KEY: optional(text, { secret: true, description: 'its private key, PEM or file' }),
  APPLE_API_BASE: optional(webUrl, { description: 'another address for the sandbox' }),
  APPLE_ONLINE_CHECKS: withDefault(boolean, true, { description: 'ask OCSP whether a certificate was revoked' }),
  APPLE_COMMISSION: withDefault(datedChoices('standard', 'small_business'), [{ choice: 'standard', since: '' }], {
    description:
      "programme that Apple's commission is estimated by; a later one by its day, and nothing before is changed",
  }),

  GOOGLE_PACKAGE_NAME: optional(text, { description: 'turns Google Play on' }),
  GOOGLE_PUSH_AUDIENCE: optional(text, { description: 'expected "aud" of Pub/Sub push tokens' }),
  GOOGLE_PUSH_SERVICE_ACCOUNT: optional(text, { description: 'expected "email" of Pub/Sub push tokens' }),
  GOOGLE_CERTS_URL: optional(webUrl, { description: 'another key set for the sandbox' }),
  GOOGLE_API_BASE: optional(webUrl, { description: 'another address for the sandbox' }),
  GOOGLE_APPLICATION_CREDENTIALS: optional(text, { description: 'service account file' }),
  GOOGLE_COMMISSION: withDefault(datedChoices('first_million', 'standard'), [{ choice: 'first_million', since: '' }], {
    description: 'the same for Google: first_million where the year stays below a million, else standard',
  }),

  WISE_API_TOKEN: optional(text, { secret: true, description: 'turns payouts on' }),
  WISE_PROFILE_ID: optional(integer(1, Number.MAX_SAFE_INTEGER), { description: 'business profile that pays' }),
  WISE_WEBHOOK_PUBLIC_KEY: optional(text, {
    description: "Wise's public key, PEM or file; several blocks while Wise goes over to a new one",
  }),
  WISE_API_BASE: withDefault(webUrl, 'https://api.wise.com', { description: 'another address for the sandbox' }),
  PAYOUT_QUOTE_TOLERANCE_BPS: withDefault(integer(0, 10_000), 50, {
    description: 'hundredths of a per cent by which a new quote may differ from the expired one without asking again',
  }),

  WEBHOOK_ALLOW_PRIVATE: optional(list(network), {
    description: 'networks that are not the internet and yet may receive outgoing webhooks, comma-separated CIDR',
  }),
  WEBHOOK_TIMEOUT_SECONDS: withDefault(integer(1, 30), 10, {
    description: 'within which an endpoint of outgoing webhooks must have answered',
  }),
  WEBHOOK_DISABLE_AFTER_DAYS: withDefault(integer(0, 365), 5, {
    description: 'days without a success after which a failing endpoint is disabled; 0 never does',
  }),
  WEBHOOK_LOG_DAYS: withDefault(integer(1, 365), 30, {
    description: 'days for which outgoing messages and their attempts are kept',
  }),

  SMTP_URL: optional(connectionUrl('smtp:', 'smtps:'), {
    secret: true,
    description: 'turns mail on; without it mail is kept for operators to see and sent to nobody',
  }),
  MAIL_FROM: optional(mailbox, { description: 'sender of all mail, e.g. Example <billing@example.com>' }),
  APP_URL: optional(webUrl, {
    description: 'page of the app on which customers manage their subscription; messages link to it',
  }),
  EXPO_ACCESS_TOKEN: optional(text, { secret: true, description: 'turns push messages on' }),
  EXPO_API_BASE: withDefault(origin, 'https://exp.host', { description: 'another address for tests' }),
} as const satisfies Record<string, Setting<unknown>>;

export type SettingName = keyof typeof SETTINGS;

/** The parsed values, by the name of their setting. */
export type SettingValues = { readonly [K in SettingName]: (typeof SETTINGS)[K] extends Setting<infer T> ? T : never };
