import type { Recording } from './recording';
import { recordFrom } from './recording.repository';
import { outcomeOf } from './outcome.repository';
import { serviceSession, withClient } from './sessions';
import type { RecordedOutcome } from './verification';

/** What an installation was told, and what has come of it. */
export interface Source {
  recording: Recording;
  recorded: RecordedOutcome;
  /** Events that can be told no more: their bodies were let go. */
  forgotten: number;
}

/** Reads only, and all of it as of one moment: the service may go on meanwhile. */
export function sourceOf(databaseUrl: string, livemode: Recording['livemode']): Promise<Source> {
  return withClient(serviceSession(databaseUrl), async (client) => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const { recording, pending, forgotten } = await recordFrom(client, livemode);
    const readings = recording.items.flatMap((item) => (item.kind === 'reading' ? [item.sourceId] : []));
    const outcome = await outcomeOf(client, { readings, customerIds: null });
    await client.query('COMMIT');
    return { recording, recorded: { outcome, pending }, forgotten };
  });
}
