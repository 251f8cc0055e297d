import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { STATE_FOLDER } from './services/paths';

const FILE = path.join(STATE_FOLDER, 'dev.env');

/**
 * This clone's own secrets, made at random once and kept in `.kassa/dev.env` for its owner's eyes only. Tokens made
 * yesterday stay valid today, and no secret is ever the same in two clones or in the source.
 */
export function developmentSecrets(): Record<string, string> {
  const known = existsSync(FILE) ? (parseEnv(readFileSync(FILE, 'utf8')) as Record<string, string>) : {};
  const secrets = { ...generate(), ...known };
  if (Object.keys(secrets).length > Object.keys(known).length) save(secrets);
  return secrets;
}

function generate(): Record<string, string> {
  return {
    AUTH_ISSUER: 'https://auth.kassa.localhost',
    AUTH_AUDIENCE: 'kassa',
    AUTH_JWT_SECRET: randomBytes(48).toString('base64url'),
    INTERNAL_API_KEY: randomBytes(32).toString('base64url'),
    CRON_SECRET: randomBytes(32).toString('base64url'),
    ENCRYPTION_KEYS: randomBytes(32).toString('base64'),
    STRIPE_SECRET_KEY: `sk_test_${randomBytes(24).toString('hex')}`,
    STRIPE_WEBHOOK_SECRETS: `whsec_${randomBytes(24).toString('hex')}`,
  };
}

/** Whole or not at all, so that two processes never read half of it. */
function save(secrets: Record<string, string>): void {
  mkdirSync(STATE_FOLDER, { recursive: true });
  const draft = `${FILE}.${process.pid}`;
  const lines = Object.entries(secrets).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(draft, `# Made at random for this clone; delete the file to get new ones.\n${lines.join('')}`);
  chmodSync(draft, 0o600);
  renameSync(draft, FILE);
}
