// One transform for all projects: SWC with inline options, because Jest must not read .swcrc (it leaves specs out).
const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    {
      swcrc: false,
      jsc: {
        target: 'es2022',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        keepClassNames: true,
      },
      module: { type: 'commonjs' },
      sourceMaps: 'inline',
    },
  ],
};
const base = {
  testEnvironment: 'node',
  rootDir: __dirname,
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/\\.kassa/(?!specs(?:/|$)|$)'],
  moduleFileExtensions: ['ts', 'js', 'json'],
  transform,
};
// A run of everything takes the groups that scripts/spec-groups.ts has written; any other takes the specs themselves.
const specs = (project, patterns) =>
  process.env.KASSA_SPEC_GROUPS === '1' ? [`<rootDir>/.kassa/specs/${project}-*.group.js`] : patterns;
// Projects with services share one PostgreSQL and one Redis, started by the set-up script or by globalSetup.
const services = {
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
};
module.exports = {
  maxWorkers: 2,
  // Each file loads the whole application anew, and V8 does not give all of the last one back: a worker that has grown is replaced.
  workerIdleMemoryLimit: '1200MB',
  // A bound against hanging, not a claim about speed: CI's two cores also run the servers.
  testTimeout: 60_000,
  projects: [
    {
      ...base,
      displayName: 'unit',
      setupFiles: ['<rootDir>/test/support/fixed-seed.ts'],
      testMatch: specs('unit', ['<rootDir>/{src,sandbox,scripts}/**/*.spec.ts', '<rootDir>/test/unit/**/*.spec.ts']),
    },
    {
      ...base,
      ...services,
      displayName: 'integration',
      testMatch: specs('integration', ['<rootDir>/test/integration/**/*.int-spec.ts']),
    },
    {
      ...base,
      ...services,
      displayName: 'e2e',
      testMatch: specs('e2e', ['<rootDir>/test/{e2e,scenarios,contract}/**/*.e2e-spec.ts']),
    },
  ],
};
