import { Injectable } from '@nestjs/common';
import { isId } from '../../../shared/ids';
import { AppConfig } from '../../../platform/config';
import { SecretBox } from '../../../platform/crypto';
import type { OutgoingMail } from '../channels/mail.port';
import { LANGUAGES, type Language } from '../domain/locale';
import { isMandatory, TOPIC_NAMES, type TopicName } from '../domain/topics';
import { unsubscribeLinkUnknown } from '../notifications.errors';

/** What a link turns off, and the language of the mail it stands in. */
export interface Unsubscribing {
  readonly customerId: string;
  readonly topic: TopicName;
  readonly language: Language;
}

const CONTEXT = 'notifications.unsubscribe';

/**
 * Links that turn off mail of one topic without logging in. What a link says is sealed (AES-GCM): it cannot be made up or
 * changed, names nobody, and needs no row. It works as long as its key is one of ENCRYPTION_KEYS.
 */
@Injectable()
export class UnsubscribeLinks {
  private readonly base: string;

  constructor(
    private readonly box: SecretBox,
    private readonly config: AppConfig,
  ) {
    this.base = `${config.http.publicUrl}/v1/notifications/unsubscribe`;
  }

  /** Null for what nobody can turn off. Without ENCRYPTION_KEYS it leads to the app instead. */
  of(customerId: string, topic: TopicName, language: Language): OutgoingMail['unsubscribe'] {
    if (isMandatory(topic, 'email')) return null;
    if (this.box.newestPrefix === null) {
      const { appUrl } = this.config.messages;
      return appUrl === undefined ? null : { url: appUrl, oneClick: false };
    }
    const token = this.box.seal([customerId, topic, language].join(' '), CONTEXT);
    return { url: `${this.base}/${token}`, oneClick: true };
  }

  /** @throws UNSUBSCRIBE_LINK_UNKNOWN */
  read(token: string): Unsubscribing {
    const [customerId, topicName, tongue] = this.box.open(token, CONTEXT)?.split(' ') ?? [];
    const topic = TOPIC_NAMES.find((one) => one === topicName);
    const language = LANGUAGES.find((one) => one === tongue);
    if (!isId('cust', customerId) || !topic || !language) throw unsubscribeLinkUnknown();
    return { customerId, topic, language };
  }
}
