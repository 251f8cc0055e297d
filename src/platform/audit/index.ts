export { AuditModule } from './audit.module';
export { AuditLog, SYSTEM, type Actor, type AuditRecord } from './audit.service';
