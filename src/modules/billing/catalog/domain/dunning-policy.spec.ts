import { completePolicy, DEFAULT_DUNNING_POLICY, policyErrors } from './dunning-policy';

describe('a policy', () => {
  it('is as by default where nothing is said', () => {
    expect(completePolicy({})).toEqual(DEFAULT_DUNNING_POLICY);
    expect(policyErrors(DEFAULT_DUNNING_POLICY)).toEqual([]);
    expect(completePolicy({ endAction: 'pause', reminderDays: undefined })).toEqual({
      ...DEFAULT_DUNNING_POLICY,
      endAction: 'pause',
    });
  });

  it.each<[string, object, string[]]>([
    ['days that go back', { reminderDays: [3, 0] }, ['dunning.reminderDays']],
    ['a day twice', { reminderDays: [0, 0] }, ['dunning.reminderDays']],
    ['a delay shorter than the one before', { retryDelaysHours: [2, 1] }, ['dunning.retryDelaysHours']],
    ['equal delays', { retryDelaysHours: [2, 2] }, []],
    ['none of either', { retryDelaysHours: [], reminderDays: [] }, []],
  ])('with %s', (_title, given, fields) => {
    expect(policyErrors(completePolicy(given)).map(({ field }) => field)).toEqual(fields);
  });
});
