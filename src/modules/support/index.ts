export { SupportTickets, type NewTicket } from './support-tickets.service';
export { SupportModule } from './support.module';
export { TicketWatch } from './ticket-watch.service';
