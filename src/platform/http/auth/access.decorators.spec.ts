import 'reflect-metadata';
import { INTERCEPTORS_METADATA } from '@nestjs/common/constants';
import { PrivilegedInterceptor } from '../audit/privileged.interceptor';
import { Authenticated, Cron, Roles } from './access.decorators';

class Routes {
  @Roles('support', 'admin')
  operators(): string {
    return 'operators';
  }

  @Cron()
  scheduler(): string {
    return 'scheduler';
  }

  @Authenticated()
  everybody(): string {
    return 'everybody';
  }
}

const interceptorsOf = (name: keyof Routes): unknown =>
  Reflect.getMetadata(INTERCEPTORS_METADATA, Object.getOwnPropertyDescriptor(Routes.prototype, name)?.value as object);

describe('what is not every user’s', () => {
  it.each(['operators', 'scheduler'] as const)('%s: is audited', (name) => {
    expect(interceptorsOf(name)).toEqual([PrivilegedInterceptor]);
  });

  it('leaves alone what users do to what is theirs', () => {
    expect(interceptorsOf('everybody')).toBeUndefined();
  });
});
