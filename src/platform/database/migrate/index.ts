export { markRolledBack, migrate, MigrationError, pendingMigrations, type MigrateOptions } from './migrate';
