import { readFileSync } from 'node:fs';
import path from 'node:path';
import type {
  DiagnoseMigrationHistoryOutput,
  DiffTarget,
  MigrationList,
  SchemaContainer,
  SchemaEngine,
} from '@prisma/schema-engine-wasm/schema_engine_bg' with { 'resolution-mode': 'import' };
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  mockMigrationAwareAdapterFactory,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';

/**
 * Prisma's schema engine as WebAssembly: it plans and checks migrations without Prisma's native engine, a binary that
 * a machine behind a registry mirror cannot fetch. Development only: `src/platform/database/migrate` is what applies
 * migrations, here and in production.
 */
const NO_FILTERS = { externalTables: [], externalEnums: [] };

/** Does by hand what the package's own entry leaves to a bundler: instantiate the module and bind it. */
async function loadBindings() {
  const bindings = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const folder = path.dirname(require.resolve('@prisma/schema-engine-wasm/schema_engine_bg'));
  const code = readFileSync(path.join(folder, 'schema_engine_bg.wasm'));
  const imports = { './schema_engine_bg.js': { ...bindings } as unknown as WebAssembly.ModuleImports };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), imports);
  bindings.__wbg_set_wasm(exports);
  (exports['__wbindgen_start'] as () => void)();
  // The engine reports a panic through this global before it throws.
  Object.assign(globalThis, {
    PRISMA_WASM_PANIC_REGISTRY: { set_message: (message: string) => process.stderr.write(`${message}\n`) },
  });
  return bindings;
}

async function openEngine(factory: SqlMigrationAwareDriverAdapterFactory): Promise<SchemaEngine> {
  const { SchemaEngine } = await loadBindings();
  return SchemaEngine.new({ datamodels: undefined }, () => undefined, bindMigrationAwareSqlAdapterFactory(factory));
}

/**
 * A diff of files needs no database, but the engine asks one question when it is opened: does the schema `public`
 * exist, and which server is this. It is answered here; any further question is an error (the package's stand-in).
 */
function withoutDatabase(): SqlMigrationAwareDriverAdapterFactory {
  const standIn = mockMigrationAwareAdapterFactory('postgres');
  const columnTypes = [ColumnTypeEnum.Boolean, ColumnTypeEnum.Text, ColumnTypeEnum.Int32];
  return {
    ...standIn,
    connect: async () => ({
      ...(await standIn.connect()),
      queryRaw: () =>
        Promise.resolve({
          columnNames: ['exists', 'version', 'numeric_version'],
          columnTypes,
          rows: [[true, 'PostgreSQL 18.0', 180000]],
        }),
    }),
  };
}

/** The SQL that turns the schema `from` (no files: an empty database) into the schema `to`; '' when they are equal. */
export async function diffSchemas(from: SchemaContainer[], to: SchemaContainer[]): Promise<string> {
  const engine = await openEngine(withoutDatabase());
  const target = (files: SchemaContainer[]): DiffTarget =>
    files.length === 0 ? { tag: 'empty' } : { tag: 'schemaDatamodel', files };
  const result = await engine.diff({
    from: target(from),
    to: target(to),
    script: true,
    exitCode: true,
    filters: NO_FILTERS,
  });
  return result.exitCode === 0 ? '' : (result.stdout ?? '');
}

/** What the engine thinks of the migrations recorded in the database at `url`, compared with those of the folder. */
export async function diagnose(url: string, migrationsList: MigrationList): Promise<DiagnoseMigrationHistoryOutput> {
  const engine = await openEngine(new PrismaPg(new Pool({ connectionString: url, max: 1, allowExitOnIdle: true })));
  return engine.diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters: NO_FILTERS });
}
