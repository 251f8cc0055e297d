import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');

/** [rule, importing file, what it imports]; every file exists, so that only the rule is in the way. */
const FORBIDDEN: [rule: string, from: string, to: string][] = [
  ['downward-only-L2', 'src/modules/ledger/upward.ts', 'src/modules/billing/index.ts'],
  ['downward-only-L2', 'src/modules/ledger/sideways.ts', 'src/modules/customers/index.ts'],
  ['downward-only-L4', 'src/modules/billing/upward.ts', 'src/modules/webhooks/index.ts'],
  ['modules-through-index-only', 'src/modules/billing/beside-index.ts', 'src/modules/ledger/inner.ts'],
  ['root-through-index-only', 'src/app.ts', 'src/modules/ledger/inner.ts'],
  ['platform-knows-no-business', 'src/platform/queue/business.ts', 'src/modules/billing/index.ts'],
  ['providers-know-no-module', 'src/providers/stripe/module.ts', 'src/modules/billing/index.ts'],
  ['providers-are-apart', 'src/providers/stripe/other.ts', 'src/providers/apple/index.ts'],
  ['shared-is-the-ground', 'src/shared/platform.ts', 'src/platform/queue/index.ts'],
  ['domain-is-pure', 'src/modules/ledger/domain/impure.ts', 'src/platform/queue/index.ts'],
  ['prisma-in-repositories-only', 'src/modules/ledger/ledger.service.ts', 'src/generated/prisma/client.ts'],
  ['sandbox-speaks-http-only', 'sandbox/inside.ts', 'src/shared/money.ts'],
  ['house-knows-no-sandbox', 'src/main.ts', 'sandbox/server.ts'],
  ['no-circular', 'src/shared/circle-a.ts', 'src/shared/circle-b.ts'],
];
/** Closes the circle, which is reported once. */
const BACK: [from: string, to: string] = ['src/shared/circle-b.ts', 'src/shared/circle-a.ts'];
const ALLOWED: [from: string, to: string][] = [
  ['src/modules/billing/downward.ts', 'src/modules/ledger/index.ts'],
  ['src/modules/billing/billing.repository.ts', 'src/generated/prisma/client.ts'],
  ['src/providers/stripe/platform.ts', 'src/platform/queue/index.ts'],
  ['src/modules/ledger/domain/pure.ts', 'src/shared/money.ts'],
];

interface Violation {
  from: string;
  rule: { name: string };
}

/** Tries the project's rules on a tree of its own, made of what must never stand in ours. */
function violations(): string[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'kassa-boundaries-'));
  const write = (file: string, text: string): void => {
    mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  };
  try {
    write('tsconfig.json', '{"compilerOptions":{"module":"commonjs","moduleResolution":"node10"}}');
    const edges = [...FORBIDDEN.map(([, from, to]) => [from, to] as const), ...ALLOWED, BACK];
    for (const [, to] of edges) write(to, 'export const x = 1;\n');
    for (const [from, to] of edges) {
      const specifier = path.relative(path.dirname(from), to.replace(/\.ts$/, ''));
      write(from, `export * from '${specifier.startsWith('.') ? specifier : `./${specifier}`}';\n`);
    }
    const cli = path.join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const args = [
      cli,
      '--config',
      path.join(ROOT, '.dependency-cruiser.cjs'),
      '--output-type',
      'json',
      'src',
      'sandbox',
    ];
    const report = execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    const { summary } = JSON.parse(report) as { summary: { violations: Violation[] } };
    return summary.violations.map(({ rule, from }) => `${rule.name} ${from}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('the house rules', () => {
  const found = violations();

  it.each(FORBIDDEN)('%s refuses %s -> %s', (rule, from) => {
    expect(found).toContain(`${rule} ${from}`);
  });

  it.each(ALLOWED)('%s may import %s', (from) => {
    expect(found.filter((violation) => violation.endsWith(` ${from}`))).toEqual([]);
  });
});
