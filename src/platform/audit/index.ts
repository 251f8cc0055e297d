export { AddressHash } from './address-hash';
export { AuditModule } from './audit.module';
export { AuditLog, SYSTEM, type Actor, type AuditRecord } from './audit.service';
export { PrivilegedContext, type PrivilegedRequest } from './request-origin';
