import path from 'node:path';
import { defineConfig } from 'prisma/config';

// Read by `prisma generate`, and by `prisma migrate` where its native engine can be downloaded.
export default defineConfig({
  schema: path.join('prisma', 'schema'),
  migrations: { path: path.join('prisma', 'migrations') },
  datasource: { url: process.env['MIGRATE_DATABASE_URL'] ?? process.env['DATABASE_URL'] ?? '' },
});
