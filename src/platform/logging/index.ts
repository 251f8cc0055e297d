export { createLogger } from './logger';
export { LoggingModule } from './logging.module';
export { redactText, redactValue } from './redact';
