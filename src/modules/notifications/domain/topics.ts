/** How somebody can be told. */
export const CHANNELS = ['email', 'push', 'in_app'] as const;
export type Channel = (typeof CHANNELS)[number];

interface Topic {
  readonly description: string;
  /** Channels that are on until somebody turns them off. */
  readonly on: readonly Channel[];
  /** Channels that nobody can turn off: he would lose access or money without having been told. */
  readonly mandatory: readonly Channel[];
}

/** What people choose by. A new kind of message belongs to one of these, or brings its own. */
export const TOPICS = {
  billing: {
    description: 'What has to be done so that the subscription goes on, and the end of trials',
    on: CHANNELS,
    mandatory: ['email'],
  },
  payments: {
    description: 'Payments that went through, refunds, disputes and expiring cards',
    on: CHANNELS,
    mandatory: [],
  },
  subscription: { description: 'Changes of the subscription', on: CHANNELS, mandatory: [] },
  usage: { description: 'How much of what the plan includes is used', on: CHANNELS, mandatory: [] },
  payouts: {
    description: 'Money that is paid out to you, and payouts that do not arrive',
    on: CHANNELS,
    mandatory: ['email'],
  },
  pods: {
    description: 'Contributions to your pods that are due, or could not be collected',
    on: CHANNELS,
    mandatory: ['email'],
  },
  /** Advertising by mail or push needs consent (e.g. Article 13 of Directive 2002/58/EC), so it is off until turned on. */
  offers: { description: 'Offers to come back', on: ['in_app'], mandatory: [] },
} as const satisfies Record<string, Topic>;

export type TopicName = keyof typeof TOPICS;
export const TOPIC_NAMES = Object.keys(TOPICS) as TopicName[];

/** Where somebody wants something else than the default. */
export interface Preference {
  readonly topic: string;
  readonly channel: string;
  readonly enabled: boolean;
}

export function isMandatory(topic: TopicName, channel: Channel): boolean {
  return (TOPICS[topic].mandatory as readonly Channel[]).includes(channel);
}

/** By which channels he is told of a topic. */
export function channelsFor(topic: TopicName, preferences: readonly Preference[]): Channel[] {
  return CHANNELS.filter((channel) => {
    if (isMandatory(topic, channel)) return true;
    const chosen = preferences.find((one) => one.topic === topic && one.channel === channel);
    return chosen?.enabled ?? (TOPICS[topic].on as readonly Channel[]).includes(channel);
  });
}
