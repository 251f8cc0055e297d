import { AppConfig } from './app-config';
import { SETTINGS, type SettingName, type SettingValues } from './settings';
import type { Setting } from './setting';

/** Boot stops on it; `problems` holds one sentence per bad or missing value. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** The environment, by name; `process.env` has this shape. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Pure: the validated, frozen configuration of a process. An empty value counts as missing, because compose files pass
 * unset variables on as empty ones.
 * @throws ConfigError with every problem found, so that one start tells all of them.
 */
export function loadConfig(environment: Environment): AppConfig {
  const problems: string[] = [];
  const production = environment['NODE_ENV']?.trim() === 'production';
  const parsed: Partial<Record<SettingName, unknown>> = {};
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    parsed[name] = parseOne(name, environment[name]?.trim() ?? '', production, problems);
  }
  // The loop has put the value of each setting's own type under its name.
  const values = parsed as SettingValues;
  problems.push(...combinationProblems(values, new Set(givenNames(environment))));
  if (problems.length > 0) throw new ConfigError(problems);
  return new AppConfig(values);
}

function givenNames(environment: Environment): string[] {
  return Object.keys(environment).filter((name) => environment[name]?.trim());
}

function parseOne(name: SettingName, raw: string, production: boolean, problems: string[]): unknown {
  const setting: Setting<unknown> = SETTINGS[name];
  if (raw === '') {
    if (setting.required === 'always') problems.push(`${name} is missing: ${setting.description}.`);
    if (setting.required === 'production' && production) {
      problems.push(`${name} is missing and production needs it: ${setting.description}.`);
    }
    return setting.fallback;
  }
  try {
    return setting.parse(raw, { production });
  } catch (error) {
    const shown = setting.secret ? '' : ` (it is "${raw}")`;
    problems.push(`${name} ${error instanceof Error ? error.message : 'is not usable'}${shown}.`);
    return setting.fallback;
  }
}

/** Settings that only work together: once one of a group is given, the others are needed too. */
const GROUPS: readonly { readonly names: readonly SettingName[]; readonly why: string }[] = [
  { names: ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRETS'], why: 'Stripe cannot be called and verified without both' },
  { names: ['APPLE_BUNDLE_ID', 'APPLE_ROOT_CERTS'], why: "Apple's signatures cannot be verified without it" },
  { names: ['APPLE_ISSUER_ID', 'APPLE_KEY_ID', 'APPLE_PRIVATE_KEY'], why: "Apple's API needs all three" },
  {
    names: [
      ...(['GOOGLE_PACKAGE_NAME', 'GOOGLE_PUSH_AUDIENCE', 'GOOGLE_PUSH_SERVICE_ACCOUNT'] as const),
      'GOOGLE_APPLICATION_CREDENTIALS',
    ],
    why: "Google's pushes cannot be verified, and what they are about cannot be read, without all four",
  },
  { names: ['SMTP_URL', 'MAIL_FROM'], why: 'mail without a sender is delivered nowhere' },
  { names: ['WISE_API_TOKEN', 'WISE_PROFILE_ID', 'WISE_WEBHOOK_PUBLIC_KEY'], why: 'payouts need all three' },
];

function combinationProblems(values: SettingValues, given: ReadonlySet<string>): string[] {
  const problems: string[] = [];
  if (given.has('AUTH_JWKS_URL') === given.has('AUTH_JWT_SECRET')) {
    problems.push(
      given.has('AUTH_JWKS_URL')
        ? 'AUTH_JWKS_URL and AUTH_JWT_SECRET are both given: tokens must have one kind of signature, so set only one.'
        : 'AUTH_JWKS_URL or AUTH_JWT_SECRET is missing: without a key no token can be checked.',
    );
  }
  for (const group of GROUPS) {
    const present = group.names.filter((name) => given.has(name));
    if (present.length === 0) continue;
    for (const name of group.names.filter((candidate) => !given.has(candidate))) {
      problems.push(`${name} is missing although ${present.join(' and ')} is given: ${group.why}.`);
    }
  }
  const needsAppId = given.has('APPLE_BUNDLE_ID') && values.APPLE_ENVIRONMENT.includes('Production');
  if (needsAppId && values.APPLE_APP_ID === undefined) {
    problems.push(
      'APPLE_APP_ID is missing although APPLE_ENVIRONMENT has Production: its receipts name the app by it.',
    );
  }
  return problems;
}
