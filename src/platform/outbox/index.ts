export { OutboxRelay } from './outbox-relay.service';
export { OutboxModule } from './outbox.module';
export { Outbox } from './outbox.service';
export type { DomainEvent, OutboxConsumer, StoredDomainEvent } from './outbox.types';
