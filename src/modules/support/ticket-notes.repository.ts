import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database';

export interface TicketNote {
  id: string;
  ticketId: string;
  /** Business time. */
  at: Date;
  /** User id of who wrote it; null for Kassa itself. */
  authorId: string | null;
  /** Null once the person it is about was erased. */
  text: string | null;
}

@Injectable()
export class TicketNotesRepository {
  /** One that is there already stays. */
  async add(tx: Tx, note: TicketNote & { text: string }): Promise<void> {
    await tx.$executeRaw`
      INSERT INTO support_ticket_notes (id, ticket_id, at, author_type, author_id, text)
      VALUES (${note.id}, ${note.ticketId}, ${note.at}, ${note.authorId === null ? 'system' : 'user'}, ${note.authorId}, ${note.text})
      ON CONFLICT (id) DO NOTHING`;
  }
}
