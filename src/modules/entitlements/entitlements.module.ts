import { Module } from '@nestjs/common';
import { AccessEviction } from './access-eviction.consumer';
import { EntitlementsController } from './entitlements.controller';
import { EntitlementsRepository } from './entitlements.repository';
import { EntitlementsService } from './entitlements.service';

@Module({
  controllers: [EntitlementsController],
  providers: [EntitlementsRepository, EntitlementsService, AccessEviction],
  exports: [EntitlementsService],
})
export class EntitlementsModule {}
