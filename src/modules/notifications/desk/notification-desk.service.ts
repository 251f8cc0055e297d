import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database';
import { CustomersService } from '../../customers';
import {
  CHANNELS,
  channelsFor,
  isMandatory,
  TOPIC_NAMES,
  TOPICS,
  type Channel,
  type TopicName,
} from '../domain/topics';
import { preferenceMandatory, tooManyDevices } from '../notifications.errors';
import { DevicesRepository, type RegisteredDevice } from './devices.repository';
import { PreferencesRepository, type SettingsChange, type StoredSettings } from './preferences.repository';

export interface TopicChoice {
  topic: TopicName;
  channel: Channel;
  enabled: boolean;
}

export interface SettingsPicture extends Omit<StoredSettings, 'preferences'> {
  topics: { topic: TopicName; description: string; channel: Channel; enabled: boolean; mandatory: boolean }[];
}

interface User {
  id: string;
  email: string | null;
}

/** More than anybody carries; a program that makes up tokens stops here. */
const MOST_DEVICES = 20;
const NOTHING: StoredSettings = {
  ...{ locale: null, timeZone: null, quietFrom: null, quietTo: null, bouncedAt: null, bouncedReason: null },
  preferences: [],
};

/** What a customer wants to be told, and where. */
@Injectable()
export class NotificationDesk {
  constructor(
    private readonly customers: CustomersService,
    private readonly preferences: PreferencesRepository,
    private readonly devices: DevicesRepository,
  ) {}

  /** What applies, whether he has chosen it or not. */
  async settingsOf(tx: Tx, userId: string): Promise<SettingsPicture> {
    const { preferences, ...settings } = (await this.preferences.ofUser(tx, userId)) ?? NOTHING;
    const topics = TOPIC_NAMES.flatMap((topic) => {
      const on = channelsFor(topic, preferences);
      const { description } = TOPICS[topic];
      return CHANNELS.map((channel) => ({
        ...{ topic, description, channel, enabled: on.includes(channel), mandatory: isMandatory(topic, channel) },
      }));
    });
    return { ...settings, topics };
  }

  /** @throws PREFERENCE_MANDATORY */
  async change(tx: Tx, user: User, change: SettingsChange, choices: readonly TopicChoice[]): Promise<void> {
    for (const { topic, channel, enabled } of choices) {
      if (!enabled && isMandatory(topic, channel)) throw preferenceMandatory(topic, channel);
    }
    const { id } = await this.customers.ensure(tx, user);
    await this.preferences.change(tx, id, change);
    // The last word of a list that says two things of one.
    await this.preferences.choose(tx, id, [
      ...new Map(choices.map((one) => [`${one.topic}:${one.channel}`, one])).values(),
    ]);
  }

  /** By the link in a mail. @throws PREFERENCE_MANDATORY for a topic that has become so since. */
  async unsubscribe(tx: Tx, customerId: string, topic: TopicName): Promise<void> {
    if (isMandatory(topic, 'email')) throw preferenceMandatory(topic, 'email');
    await this.preferences.turnOff(tx, customerId, topic, 'email');
  }

  /** @throws TOO_MANY_DEVICES */
  async register(tx: Tx, user: User, token: string): Promise<RegisteredDevice> {
    const { id } = await this.customers.ensure(tx, user);
    if ((await this.devices.count(tx, id, token)) >= MOST_DEVICES) throw tooManyDevices(MOST_DEVICES);
    return this.devices.register(tx, id, token);
  }

  remove(tx: Tx, userId: string, deviceId: string): Promise<boolean> {
    return this.devices.remove(tx, userId, deviceId);
  }
}
