import { Global, Module } from '@nestjs/common';
import { AddressHash } from './address-hash';
import { AuditLog } from './audit.service';

@Global()
@Module({ providers: [AuditLog, AddressHash], exports: [AuditLog, AddressHash] })
export class AuditModule {}
