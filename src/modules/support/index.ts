export { SupportTickets, type NewTicket } from './support-tickets.service';
export { SupportModule } from './support.module';
