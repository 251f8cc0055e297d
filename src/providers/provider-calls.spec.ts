import { AppError, provider } from '../shared/app-error';
import { isShortWait, ProviderCalls } from './provider-calls';

class Busy extends Error {
  constructor(readonly seconds: number) {
    super('busy');
  }
}

const failed = (cause: unknown): AppError => provider('PROVIDER_ERROR', 'It failed', {}, cause);
const askedSeconds = (error: unknown): number => (error instanceof Busy ? error.seconds : 0);

function callsOf(isOutage = true): ProviderCalls {
  const isWorthRetrying = (error: Error): boolean =>
    error instanceof Busy ? isShortWait(error.seconds) : error.message === 'away';
  return new ProviderCalls({ name: 'Somebody', isOutage: () => isOutage, isWorthRetrying, askedSeconds });
}

/** Ends with the promise; the waits in between take no time. */
async function inNoTime<T>(promise: Promise<T>): Promise<T> {
  const ended = promise.catch(() => undefined);
  await jest.runAllTimersAsync();
  await ended;
  return promise;
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

it('repeats what may come right twice, and says what it met in the end', async () => {
  const request = jest.fn(() => Promise.reject(new Error('away')));
  await expect(inNoTime(callsOf().run(request, failed))).rejects.toMatchObject({ code: 'PROVIDER_ERROR' });
  expect(request).toHaveBeenCalledTimes(3);
});

it.each([
  ['is no use repeating', new Error('refused')],
  ['is to be waited for too long', new Busy(30)],
])('asks once where it %s', async (_why, error) => {
  const request = jest.fn(() => Promise.reject(error));
  await expect(inNoTime(callsOf(false).run(request, failed))).rejects.toMatchObject({ cause: error });
  expect(request).toHaveBeenCalledTimes(1);
});

it('waits as long as it was asked to', async () => {
  const begun = Date.now();
  const request = jest.fn().mockRejectedValueOnce(new Busy(2)).mockResolvedValue('there');
  await expect(inNoTime(callsOf(false).run(request, failed))).resolves.toBe('there');
  expect(Date.now() - begun).toBeGreaterThanOrEqual(2_000);
});

it('asks no more after five failures, until five seconds have passed', async () => {
  const calls = callsOf();
  const request = jest.fn(() => Promise.reject(new Error('refused')));
  for (let i = 0; i < 5; i += 1) await expect(calls.run(request, failed)).rejects.toMatchObject({ kind: 'provider' });
  expect(calls.isClosed).toBe(false);
  await expect(calls.run(request, failed)).rejects.toMatchObject({ code: 'PROVIDER_BUSY', retryAfterSeconds: 5 });
  expect(request).toHaveBeenCalledTimes(5);
  jest.setSystemTime(Date.now() + 5_001);
  await expect(calls.run(() => Promise.resolve('there'), failed)).resolves.toBe('there');
  expect(calls.isClosed).toBe(true);
});
