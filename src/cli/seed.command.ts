import { Command, CommandRunner } from 'nest-commander';
import { CatalogSeedService } from '../modules/billing';

@Command({ name: 'seed', description: 'Put the first catalog in place; what is there stays as it is' })
export class SeedCommand extends CommandRunner {
  constructor(private readonly catalog: CatalogSeedService) {
    super();
  }

  async run(): Promise<void> {
    const created = await this.catalog.seed();
    process.stdout.write(created.length > 0 ? `Seeded ${created.join(', ')}\n` : 'The catalog is in place\n');
  }
}
