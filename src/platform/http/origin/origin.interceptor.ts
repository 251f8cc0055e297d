import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Observable } from 'rxjs';
import { AppConfig } from '../../config';
import { addressOf } from '../rate-limit/address';
import { OriginContext } from './origin-context';

const COUNTRY = /^[A-Z]{2}$/;
/** What proxies write where they do not know: unknown, and the Tor network. */
const NO_COUNTRY = new Set(['XX', 'T1']);

/** Keeps where a payment attempt came from while it is carried out. */
@Injectable()
export class OriginInterceptor implements NestInterceptor {
  constructor(private readonly config: AppConfig) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const origin = { address: addressOf(request), country: this.countryOf(request) };
    return new Observable((subscriber) => OriginContext.run(origin, () => next.handle().subscribe(subscriber)));
  }

  /** A header is anybody's to send, so it counts only behind proxies that write it themselves. */
  private countryOf(request: FastifyRequest): string | null {
    const { countryHeader, trustProxy } = this.config.http;
    if (countryHeader === undefined || trustProxy === false) return null;
    const said = request.headers[countryHeader.toLowerCase()];
    const country = typeof said === 'string' ? said.trim().toUpperCase() : '';
    return COUNTRY.test(country) && !NO_COUNTRY.has(country) ? country : null;
  }
}
