// The house's levels, made executable: imports run strictly downward, modules of one level never see each other,
// and others see a module through its index.ts only. docs/architecture.md draws the same picture.
const LEVELS = [
  ['ledger', 'entitlements', 'customers'], // L2
  ['usage'], // L3
  ['billing', 'payouts'], // L4
  ['retry', 'iap', 'pods', 'enterprise'], // L5
  ['webhooks', 'reconciliation'], // L6
  ['support', 'notifications', 'analytics', 'admin'], // L7
];
const any = (names) => `(${names.join('|')})`;
const above = (level) => LEVELS.slice(level).flat();

const levelRules = LEVELS.map((names, level) => ({
  name: `downward-only-L${level + 2}`,
  severity: 'error',
  comment: 'A module imports only from levels below its own; modules of one level never import each other.',
  from: { path: `^src/modules/${any(names)}/` },
  to: { path: `^src/modules/${any(above(level))}/`, pathNot: `^src/modules/$1/` },
}));

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'shared-is-the-ground',
      severity: 'error',
      comment: 'L0 is pure: no platform, no provider, no module, no framework, no database.',
      from: { path: '^src/shared/' },
      to: {
        path: '(^src/(platform|providers|modules|generated)/)|(node_modules/(@nestjs|@prisma|pg|bull|ioredis|stripe)/)',
      },
    },
    {
      name: 'platform-knows-no-business',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: { path: '^src/(providers|modules)/' },
    },
    {
      name: 'providers-know-no-module',
      severity: 'error',
      from: { path: '^src/providers/' },
      to: { path: '^src/modules/' },
    },
    {
      name: 'providers-are-apart',
      severity: 'error',
      from: { path: '^src/providers/([^/]+)/' },
      to: { path: '^src/providers/[^/]+/', pathNot: '^src/providers/$1/' },
    },
    ...levelRules,
    {
      name: 'modules-through-index-only',
      severity: 'error',
      from: { path: '^src/modules/([^/]+)/' },
      to: { path: '^src/modules/[^/]+/', pathNot: ['^src/modules/$1/', '^src/modules/[^/]+/index\\.ts$'] },
    },
    {
      name: 'root-through-index-only',
      severity: 'error',
      from: { path: '^src/[^/]+\\.ts$' },
      to: { path: '^src/modules/[^/]+/', pathNot: '^src/modules/[^/]+/index\\.ts$' },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      comment: 'Rules are functions: no Nest, no Prisma, no provider, no I/O.',
      from: { path: '^src/modules/[^/]+/domain/', pathNot: '\\.spec\\.ts$' },
      to: {
        path: '(^src/(platform|providers|generated)/)|(node_modules/(@nestjs|@prisma|pg|bull|ioredis|stripe)/)|(^(node:)?(fs|net|http|https|child_process)$)',
      },
    },
    {
      name: 'prisma-in-repositories-only',
      severity: 'error',
      from: { path: '^src/', pathNot: '(\\.repository\\.ts$)|(^src/platform/)|(^src/generated/)' },
      to: { path: '^src/generated/' },
    },
    {
      name: 'bull-in-its-room',
      severity: 'error',
      comment: 'Bull is in maintenance; BullMQ stays one room away.',
      from: { path: '^src/', pathNot: '^src/platform/queue/' },
      to: { path: 'node_modules/(bull|@nestjs/bull)/' },
    },
    {
      name: 'sdks-in-providers-only',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/providers/' },
      to: { path: 'node_modules/(stripe|@apple/app-store-server-library|google-auth-library|@googleapis)/' },
    },
    {
      name: 'sandbox-speaks-http-only',
      severity: 'error',
      from: { path: '^(sandbox|console)/' },
      to: { path: '^src/' },
    },
    {
      name: 'house-knows-no-sandbox',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(sandbox|test|scripts|bench)/' },
    },
  ],
  options: {
    doNotFollow: { path: '(^|/)node_modules/|^src/generated/' },
    exclude: { path: '^(dist|coverage|\\.kassa)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json', '.mjs', '.cjs'] },
  },
};
