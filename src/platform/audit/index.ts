export { AuditModule } from './audit.module';
export { AuditLog, type Actor, type AuditRecord } from './audit.service';
