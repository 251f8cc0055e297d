import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';

/** Wall time plus the offset that every process of a non-production installation reads from `business_clock`. */
@Injectable()
export class BusinessClock extends Clock {
  private offsetMs = 0;

  now(): Date {
    return new Date(Date.now() + this.offsetMs);
  }

  wall(): Date {
    return new Date();
  }

  get offsetSeconds(): number {
    return this.offsetMs / 1000;
  }

  setOffset(seconds: number): void {
    this.offsetMs = seconds * 1000;
  }
}
