import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, loadConfig, type Environment } from './load-config';
import { SETTINGS } from './settings';

const KEY = 'k'.repeat(32);
const minimal: Environment = {
  DATABASE_URL: 'postgresql://kassa:s3cret-pw@localhost:5432/kassa',
  REDIS_URL: 'redis://localhost:6379',
  AUTH_JWT_SECRET: KEY,
  AUTH_ISSUER: 'https://auth.example.com',
  AUTH_AUDIENCE: 'kassa',
};
const production: Environment = {
  ...minimal,
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://billing.example.com',
  TRUST_PROXY: '1',
  ENCRYPTION_KEYS: Buffer.alloc(32, 7).toString('base64'),
  INTERNAL_API_KEY: KEY,
  CRON_SECRET: KEY,
};

function problemsOf(environment: Environment): readonly string[] {
  try {
    loadConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** The settings the HTTP contract promises; a rename here is a breaking change for every installation. */
const CONTRACT = `PORT ROLE DATABASE_URL DATABASE_POOL_SIZE REDIS_URL REDIS_CLUSTER_NODES PUBLIC_URL REDIRECT_ALLOW_LIST
  CORS_ORIGINS TRUST_PROXY MIGRATE_DATABASE_URL ENCRYPTION_KEYS LOG_LEVEL OTEL_EXPORTER_OTLP_ENDPOINT AUTH_JWKS_URL
  AUTH_JWT_SECRET AUTH_ISSUER AUTH_AUDIENCE AUTH_ROLES_CLAIM INTERNAL_API_KEY CRON_SECRET STRIPE_SECRET_KEY
  STRIPE_WEBHOOK_SECRETS STRIPE_API_BASE RETRY_OWNER APPLE_BUNDLE_ID APPLE_APP_ID APPLE_ENVIRONMENT APPLE_ROOT_CERTS
  APPLE_ISSUER_ID APPLE_KEY_ID APPLE_PRIVATE_KEY APPLE_API_BASE APPLE_ONLINE_CHECKS GOOGLE_PACKAGE_NAME
  GOOGLE_PUSH_AUDIENCE GOOGLE_PUSH_SERVICE_ACCOUNT GOOGLE_CERTS_URL GOOGLE_API_BASE GOOGLE_APPLICATION_CREDENTIALS
  WISE_API_BASE WISE_API_TOKEN WISE_PROFILE_ID WISE_WEBHOOK_PUBLIC_KEY SMTP_URL EXPO_ACCESS_TOKEN NODE_ENV`.split(
  /\s+/,
);

describe('the settings', () => {
  const example = readFileSync(join(__dirname, '../../../.env.example'), 'utf8');
  const exampleNames = [...example.matchAll(/^(?:# )?([A-Z][A-Z0-9_]+)=/gm)].map((match) => match[1]);

  it('are the same names in .env.example, each once', () => {
    expect([...exampleNames].sort()).toEqual(Object.keys(SETTINGS).sort());
  });

  it('hold every name of the contract', () => {
    expect(Object.keys(SETTINGS)).toEqual(expect.arrayContaining(CONTRACT));
  });

  it('give no secret a default', () => {
    for (const setting of Object.values(SETTINGS)) if (setting.secret) expect(setting.fallback).toBeUndefined();
  });
});

describe('loadConfig', () => {
  it('shapes the least there must be, with defaults', () => {
    const config = loadConfig(minimal);
    expect(config.http).toMatchObject({ port: 3000, publicUrl: 'http://localhost:3000', trustProxy: false });
    expect(config.migrateDatabaseUrl).toBe(minimal['DATABASE_URL']);
    expect(config).toMatchObject({ environment: 'development', role: 'all', stripe: undefined, wise: undefined });
  });

  it('is frozen to the bottom', () => {
    const config = loadConfig(production);
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.http)).toBe(true);
    expect(Object.isFrozen(config.http.corsOrigins)).toBe(true);
    expect(config.encryptionKeys[0]?.export()).toEqual(Buffer.alloc(32, 7));
  });

  it('tells everything that is missing at once, one sentence each', () => {
    const problems = problemsOf({ NODE_ENV: 'production' });
    for (const name of ['DATABASE_URL', 'REDIS_URL', 'AUTH_ISSUER', 'AUTH_AUDIENCE', 'INTERNAL_API_KEY', 'CRON_SECRET'])
      expect(problems).toContainEqual(expect.stringMatching(new RegExp(`^${name} is missing.*\\.$`)));
    for (const name of ['ENCRYPTION_KEYS', 'PUBLIC_URL', 'TRUST_PROXY', 'AUTH_JWKS_URL'])
      expect(problems.filter((problem) => problem.startsWith(name))).toHaveLength(1);
  });

  it('counts an empty value as missing', () => {
    expect(problemsOf({ ...minimal, DATABASE_URL: '  ' })).toEqual([
      expect.stringContaining('DATABASE_URL is missing'),
    ]);
    expect(loadConfig({ ...minimal, STRIPE_SECRET_KEY: '' }).stripe).toBeUndefined();
  });

  it.each([
    ['PORT', '70000', /^PORT must be a whole number from 0 to 65535 \(it is "70000"\)\.$/],
    ['PORT', '3e3', /^PORT must be a whole number/],
    ['ROLE', 'web', /^ROLE must be one of all, api, worker/],
    ['NODE_ENV', 'prod', /^NODE_ENV must be one of/],
    ['TRUST_PROXY', 'true', /^TRUST_PROXY .*would trust everybody/],
    ['TRUST_PROXY', 'everywhere', /^TRUST_PROXY must list addresses/],
    ['CORS_ORIGINS', '*', /^CORS_ORIGINS must be a URL/],
    ['CORS_ORIGINS', 'https://a.example/path', /^CORS_ORIGINS must be an origin without a path/],
    ['REDIRECT_ALLOW_LIST', 'javascript://', /^REDIRECT_ALLOW_LIST must not allow the scheme/],
    ['REDIRECT_ALLOW_LIST', 'https://', /^REDIRECT_ALLOW_LIST must not allow the scheme/],
    ['PUBLIC_URL', 'https://user:pass@x.example', /^PUBLIC_URL must not carry a user name/],
    ['APPLE_ENVIRONMENT', 'Xcode', /^APPLE_ENVIRONMENT must not name Xcode: nobody signs its receipts/],
    ['APPLE_ENVIRONMENT', 'Staging', /^APPLE_ENVIRONMENT must be one of Production, Sandbox/],
    ['APPLE_ENVIRONMENT', 'Sandbox,LocalTesting', /^APPLE_ENVIRONMENT must not name LocalTesting/],
    ['REDIS_CLUSTER_NODES', 'redis-1', /^REDIS_CLUSTER_NODES must be written host:port/],
    ['RETRY_OWNER', 'both', /^RETRY_OWNER must be one of kassa, stripe/],
    ['APPLE_ONLINE_CHECKS', 'yes', /^APPLE_ONLINE_CHECKS must be true or false/],
    ['APPLE_COMMISSION', 'cheap', /^APPLE_COMMISSION must be one of standard, small_business/],
    ['APPLE_COMMISSION', 'standard,small_business@2026-02-30', /^APPLE_COMMISSION must name a day of the calendar/],
    ['APPLE_COMMISSION', 'standard,small_business@', /^APPLE_COMMISSION must name a day of the calendar/],
    ['APPLE_COMMISSION', 'small_business@2026-01-01', /^APPLE_COMMISSION must begin with one that has no day/],
    ['GOOGLE_COMMISSION', 'standard,first_million', /^GOOGLE_COMMISSION must begin with one that has no day/],
    ['WEBHOOK_ALLOW_PRIVATE', 'any', /^WEBHOOK_ALLOW_PRIVATE must list networks such as/],
    ['WEBHOOK_ALLOW_PRIVATE', '10.0.0.0/8,10.1.2.3', /^WEBHOOK_ALLOW_PRIVATE must list networks such as/],
  ])('refuses %s=%s', (name, value, sentence) => {
    expect(problemsOf({ ...minimal, [name]: value })).toEqual([expect.stringMatching(sentence)]);
  });

  it('reads what counts from a day on', () => {
    const settings = { ...minimal, APPLE_COMMISSION: 'standard, small_business@2026-01-01' };
    expect(loadConfig(settings).storeCommission).toEqual({
      apple: [
        { choice: 'standard', since: '' },
        { choice: 'small_business', since: '2026-01-01' },
      ],
      google: [{ choice: 'first_million', since: '' }],
    });
  });

  it('never prints a secret, not even a wrong one', () => {
    const text = problemsOf({
      ...minimal,
      DATABASE_URL: 'mysql://kassa:s3cret-pw@localhost',
      AUTH_JWT_SECRET: 'too-short-to-be-good',
      ENCRYPTION_KEYS: 'c2hvcnQ=',
    }).join('\n');
    expect(text).toMatch(/DATABASE_URL must be a URL starting with postgres/);
    expect(text).toMatch(/AUTH_JWT_SECRET must have at least 32 characters/);
    expect(text).not.toMatch(/s3cret-pw|too-short-to-be-good|c2hvcnQ=/);
  });

  it('opens no network as wide as the internet in production', () => {
    const settings = { ...production, WEBHOOK_ALLOW_PRIVATE: '0.0.0.0/0' };
    expect(problemsOf(settings)).toEqual([expect.stringContaining('must not list networks wider than /8')]);
    expect(loadConfig({ ...production, WEBHOOK_ALLOW_PRIVATE: '10.0.0.0/8' }).outgoing.allowPrivate).toEqual([
      '10.0.0.0/8',
    ]);
  });

  it('refuses plain http in production', () => {
    expect(problemsOf(production)).toEqual([]);
    expect(
      problemsOf({ ...production, PUBLIC_URL: 'http://billing.example.com', STRIPE_API_BASE: 'http://x' }),
    ).toEqual([
      expect.stringContaining('PUBLIC_URL must start with https:// in production'),
      expect.stringContaining('STRIPE_API_BASE must start with https:// in production'),
    ]);
  });

  it('wants exactly one source of token keys', () => {
    const jwks = { AUTH_JWKS_URL: 'https://auth.example.com/jwks.json' };
    expect(problemsOf({ ...minimal, ...jwks })).toEqual([expect.stringContaining('set only one')]);
    expect(loadConfig({ ...minimal, AUTH_JWT_SECRET: '', ...jwks }).auth.keys).toEqual({
      kind: 'jwks',
      url: 'https://auth.example.com/jwks.json',
    });
  });

  it('says what half a provider lacks', () => {
    expect(problemsOf({ ...minimal, STRIPE_SECRET_KEY: 'sk_test_1' })).toEqual([
      expect.stringContaining('STRIPE_WEBHOOK_SECRETS is missing although STRIPE_SECRET_KEY is given'),
    ]);
    expect(
      problemsOf({
        ...{ ...minimal, GOOGLE_PACKAGE_NAME: 'com.x', GOOGLE_PUSH_AUDIENCE: 'https://x.example' },
        GOOGLE_PUSH_SERVICE_ACCOUNT: 'push@x.example',
      }),
    ).toEqual([expect.stringContaining('GOOGLE_APPLICATION_CREDENTIALS is missing although')]);
    expect(problemsOf({ ...minimal, WISE_API_TOKEN: 'x' })).toEqual([
      expect.stringContaining('WISE_PROFILE_ID is missing although WISE_API_TOKEN is given'),
      expect.stringContaining('WISE_WEBHOOK_PUBLIC_KEY is missing although WISE_API_TOKEN is given'),
    ]);
    const wise = { WISE_API_TOKEN: 'x', WISE_WEBHOOK_PUBLIC_KEY: 'wise.pem', WISE_PROFILE_ID: 'mine' };
    expect(problemsOf({ ...minimal, ...wise })).toEqual([expect.stringMatching(/^WISE_PROFILE_ID must be a whole/)]);
    const plain = { ...wise, WISE_PROFILE_ID: '1', WISE_API_BASE: 'http://wise.example' };
    expect(problemsOf({ ...production, ...plain })).toEqual([expect.stringMatching(/^WISE_API_BASE must .*https/)]);
    expect(problemsOf({ ...minimal, APPLE_BUNDLE_ID: 'com.x', APPLE_ROOT_CERTS: 'a.cer' })).toEqual([
      expect.stringContaining('APPLE_APP_ID is missing although APPLE_ENVIRONMENT has Production'),
    ]);
  });

  it('reads lists, proxies, cluster nodes and app schemes', () => {
    const config = loadConfig({
      ...minimal,
      CORS_ORIGINS: 'https://a.example, http://localhost:5173,',
      REDIRECT_ALLOW_LIST: 'https://A.example,MyApp://',
      TRUST_PROXY: '10.0.0.0/8,loopback',
      REDIS_CLUSTER_NODES: 'redis-1:6379,[::1]:6380',
    });
    expect(config.http.corsOrigins).toEqual(['https://a.example', 'http://localhost:5173']);
    expect(config.http.redirectAllowList).toEqual(['https://a.example', 'myapp://']);
    expect(config.http.trustProxy).toEqual(['10.0.0.0/8', 'loopback']);
    expect(config.redisClusterNodes).toEqual([
      { host: 'redis-1', port: 6379 },
      { host: '::1', port: 6380 },
    ]);
  });
});
