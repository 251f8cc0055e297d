import { CHANNELS, channelsFor, isMandatory, TOPIC_NAMES } from './topics';

describe('channels of a topic', () => {
  it('are all but for offers, which need consent', () => {
    expect(channelsFor('billing', [])).toEqual([...CHANNELS]);
    expect(channelsFor('offers', [])).toEqual(['in_app']);
    expect(channelsFor('offers', [{ topic: 'offers', channel: 'email', enabled: true }])).toEqual(['email', 'in_app']);
  });

  it('can be turned off, but for those that nobody can', () => {
    const off = TOPIC_NAMES.flatMap((topic) => CHANNELS.map((channel) => ({ topic, channel, enabled: false })));
    for (const topic of TOPIC_NAMES) {
      expect(channelsFor(topic, off)).toEqual(CHANNELS.filter((channel) => isMandatory(topic, channel)));
    }
    expect(channelsFor('billing', off)).toEqual(['email']);
    expect(channelsFor('payments', off)).toEqual([]);
  });
});
