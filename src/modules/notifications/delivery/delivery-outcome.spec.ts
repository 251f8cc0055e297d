import type { PushTicket } from '../channels/push.port';
import { pushOutcome } from './delivery-outcome';

const taken: PushTicket = { kind: 'taken', deviceId: 'dvc_1', ticketId: 't1' };
const gone: PushTicket = { kind: 'refused', deviceId: 'dvc_2', code: 'DeviceNotRegistered', gone: true, again: false };
const busy: PushTicket = { kind: 'refused', deviceId: 'dvc_3', code: 'MessageRateExceeded', gone: false, again: true };

describe('a message to several devices', () => {
  it('is sent where one of them took it, and those that are gone are told of', () => {
    expect(pushOutcome([taken, gone], false)).toEqual({
      kind: 'sent',
      pushes: {
        results: [
          { deviceId: 'dvc_1', ticketId: 't1', errorCode: null },
          { deviceId: 'dvc_2', ticketId: null, errorCode: 'DeviceNotRegistered' },
        ],
        gone: ['dvc_2'],
      },
    });
  });

  it('is tried again for the ones that may still take it, and not for the others', () => {
    expect(pushOutcome([taken, busy], false)).toMatchObject({
      ...{ kind: 'failed', class: 'transient', code: 'MessageRateExceeded' },
      pushes: { results: [{ deviceId: 'dvc_1' }], gone: [] },
    });
  });

  it('is not sent where none is left, unless one had it before', () => {
    expect(pushOutcome([gone], false)).toMatchObject({ kind: 'skipped', code: 'DeviceNotRegistered' });
    expect(pushOutcome([gone], true)).toMatchObject({ kind: 'sent' });
  });
});
