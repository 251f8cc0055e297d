import { DEFAULT_IPV6_SUBNET_PREFIX, normalizeIp } from '@nestjs/throttler/dist/ip';

/** Pure: whom a request is counted for by where it comes from: its IPv4 address, or the /64 of its IPv6 address. */
export function addressOf({ ip }: { ip: string }): string {
  return normalizeIp(ip, DEFAULT_IPV6_SUBNET_PREFIX);
}
