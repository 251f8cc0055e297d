import { startTestServices } from './services';

/** Jest calls this once for all projects that need PostgreSQL and Redis; workers find the addresses in the environment. */
export default async function globalSetup(): Promise<void> {
  await startTestServices();
}
