import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { newId } from '../../../shared/ids';
import type { Tx } from '../../../platform/database';
import type { OwnWording } from '../domain/render';

/** A version of an operator's words; null: the built-in ones from then on. */
export interface WordingVersion {
  id: string;
  template: string;
  locale: string;
  version: number;
  wording: OwnWording | null;
  createdBy: string;
  createdAt: Date;
}

/** One that is said. */
export type CurrentWording = WordingVersion & { wording: OwnWording };

@Injectable()
export class WordingsRepository {
  constructor(private readonly clock: Clock) {}

  /** What is said for the first of these locales that has words; null: the built-in ones. Read for each message, so that a change holds at once everywhere. */
  async current(tx: Tx, template: string, locales: readonly string[]): Promise<CurrentWording | null> {
    const rows = await tx.$queryRaw<CurrentWording[]>`
      SELECT w.id, w.template, w.locale, w.version, w.wording, w.created_by AS "createdBy", w.created_at AS "createdAt"
      FROM unnest(${locales}::text[]) WITH ORDINALITY AS l (locale, place)
      CROSS JOIN LATERAL (SELECT * FROM notification_wordings n WHERE n.template = ${template} AND n.locale = l.locale
        ORDER BY n.version DESC LIMIT 1) w
      WHERE w.wording IS NOT NULL ORDER BY l.place LIMIT 1`;
    return rows[0] ?? null;
  }

  /** Of these templates, in all locales that have words. */
  all(tx: Tx, templates: readonly string[]): Promise<CurrentWording[]> {
    return tx.$queryRaw<CurrentWording[]>`
      SELECT * FROM (
        SELECT DISTINCT ON (template, locale) id, template, locale, version, wording, created_by AS "createdBy",
          created_at AS "createdAt"
        FROM notification_wordings WHERE template = ANY (${templates}::text[])
        ORDER BY template, locale, version DESC) latest
      WHERE wording IS NOT NULL ORDER BY template, locale`;
  }

  /** The latest, whether it has words or not. Nobody else writes one until this unit of work ends. */
  async lock(tx: Tx, template: string, locale: string): Promise<WordingVersion | null> {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`wording:${template}:${locale}`}, 0))`;
    const rows = await this.versions(tx, template, locale, 1, null);
    return rows[0] ?? null;
  }

  /** Newest first. @param before versions below this. */
  versions(tx: Tx, template: string, locale: string, limit: number, before: number | null): Promise<WordingVersion[]> {
    return tx.$queryRaw<WordingVersion[]>`
      SELECT id, template, locale, version, wording, created_by AS "createdBy", created_at AS "createdAt"
      FROM notification_wordings
      WHERE template = ${template} AND locale = ${locale} AND (${before}::int4 IS NULL OR version < ${before})
      ORDER BY version DESC LIMIT ${limit}`;
  }

  async add(tx: Tx, row: Omit<WordingVersion, 'id' | 'createdAt'>): Promise<WordingVersion> {
    const at = this.clock.wall();
    const added = { ...row, id: newId('ntw', at.getTime()), createdAt: at };
    const wording = row.wording === null ? null : JSON.stringify(row.wording);
    await tx.$executeRaw`
      INSERT INTO notification_wordings (id, template, locale, version, wording, created_by, created_at)
      VALUES (${added.id}, ${row.template}, ${row.locale}, ${row.version}, ${wording}::jsonb, ${row.createdBy}, ${at})`;
    return added;
  }
}
