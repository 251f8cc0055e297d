import { Injectable } from '@nestjs/common';
import { sameJson } from '../../../shared/canonical-json';
import { AuditLog, type Actor } from '../../../platform/audit';
import type { Tx } from '../../../platform/database';
import { wordingProblems } from '../domain/own-wording';
import type { OwnWording } from '../domain/render';
import type { AnyTemplate } from '../domain/template';
import { templateInvalid } from '../notifications.errors';
import { WordingsRepository, type WordingVersion } from './wordings.repository';

/** What operators do with words of their own; every version stays, and who made it. */
@Injectable()
export class WordingDesk {
  constructor(
    private readonly wordings: WordingsRepository,
    private readonly audit: AuditLog,
  ) {}

  /** The same words again are no new version. @throws TEMPLATE_INVALID */
  async put(tx: Tx, template: AnyTemplate, locale: string, wording: OwnWording, actor: Actor): Promise<WordingVersion> {
    const problems = wordingProblems(template, locale, wording);
    if (problems.length > 0) throw templateInvalid(problems);
    const latest = await this.wordings.lock(tx, template.key, locale);
    if (latest?.wording && sameJson(latest.wording, wording)) return latest;
    return this.add(tx, template.key, locale, latest, wording, actor);
  }

  /** Back to the built-in words; twice is once. */
  async remove(tx: Tx, template: AnyTemplate, locale: string, actor: Actor): Promise<void> {
    const latest = await this.wordings.lock(tx, template.key, locale);
    if (latest?.wording) await this.add(tx, template.key, locale, latest, null, actor);
  }

  private async add(
    tx: Tx,
    template: string,
    locale: string,
    latest: WordingVersion | null,
    wording: OwnWording | null,
    actor: Actor,
  ): Promise<WordingVersion> {
    const version = (latest?.version ?? 0) + 1;
    const added = await this.wordings.add(tx, {
      template,
      locale,
      version,
      wording,
      createdBy: actor.id ?? actor.type,
    });
    const said = (one: WordingVersion | null): object => ({ version: one?.wording ? one.version : null });
    await this.audit.record(tx, {
      ...{ actor, action: wording ? 'notification_template.put' : 'notification_template.delete' },
      ...{ objectType: 'notification_template', objectId: `${template}/${locale}`, customerId: null },
      ...{ before: said(latest), after: said(added) },
    });
    return added;
  }
}
