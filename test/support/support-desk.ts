import { SupportTickets, TicketWatch, type NewTicket } from '../../src/modules/support';
import { UnitOfWork } from '../../src/platform/database';
import type { House } from './house';
import { fetchAnswer, jsonPost, type Answer } from './http-client';
import { asUser } from './tokens';

export interface TicketBody {
  id: string;
  type: string;
  status: string;
  priority: string;
  summary: string;
  eventId: string | null;
  customerId: string | null;
  invoiceId: string | null;
  dueAt: string;
  breached: boolean;
  details: { count: number; code: string; occurrences: { id: string; code: string }[] };
}

export interface EntryBody {
  at: string;
  kind: string;
  type: string;
  summary: string;
  actorId: string | null;
}

/** What somebody of support sees and does, and what Kassa does for him by itself. */
export class SupportDesk {
  constructor(private readonly house: House) {}

  /** @param path behind /support */
  ask(method: string, path: string, body?: unknown, headers = asUser('op-1', 'support')): Promise<Answer> {
    return fetchAnswer(
      `${this.house.app.url}/v1/support${path}`,
      body === undefined ? { method, headers } : { ...jsonPost(body, headers), method },
    );
  }

  /** @param path behind /support/tickets */
  call(method: string, path: string, body?: unknown, headers = asUser('op-1', 'support')): Promise<Answer> {
    return this.ask(method, `/tickets${path}`, body, headers);
  }

  async tickets(query: string): Promise<TicketBody[]> {
    return (await this.call('GET', `?${query}`)).body['data'] as TicketBody[];
  }

  async entries(id: string): Promise<EntryBody[]> {
    return (await this.call('GET', `/${id}/timeline?limit=100`)).body['data'] as EntryBody[];
  }

  /** The sweepers' part. */
  get watch(): TicketWatch {
    return this.house.app.app.get(TicketWatch, { strict: false });
  }

  inService<T>(work: Parameters<UnitOfWork['service']>[0]): Promise<T> {
    return this.house.app.app.get(UnitOfWork, { strict: false }).service(work) as Promise<T>;
  }

  open(ticket: Partial<NewTicket>): Promise<void> {
    return this.inService((tx) =>
      this.house.app.app.get(SupportTickets, { strict: false }).open(tx, {
        type: 'other',
        priority: 'normal',
        causeKey: 'test',
        summary: 'Something to look at',
        details: {},
        occurrence: { id: 'told-1', at: new Date().toISOString(), code: 'TEST' },
        eventId: null,
        customerId: null,
        paymentId: null,
        ...ticket,
      }),
    );
  }
}
