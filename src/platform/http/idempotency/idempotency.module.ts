import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { Sweepers } from '../../queue';
import { IdempotencyRepository } from './idempotency.repository';
import { IdempotencyService } from './idempotency.service';

const PURGE_EVERY_MS = 600_000;

/** Global, because `@Idempotent()` routes of every module need the service. */
@Global()
@Module({ providers: [IdempotencyRepository, IdempotencyService], exports: [IdempotencyService] })
export class IdempotencyModule implements OnModuleInit {
  constructor(
    private readonly idempotency: IdempotencyService,
    private readonly sweepers: Sweepers,
  ) {}

  onModuleInit(): void {
    this.sweepers.register({
      name: 'idempotency-keys',
      everyMs: PURGE_EVERY_MS,
      run: () => this.idempotency.purge(),
    });
  }
}
