import { Global, Module } from '@nestjs/common';
import { Broadcast } from './broadcast.service';
import { CacheRedis } from './cache-redis';
import { Cache } from './cache.service';

@Global()
@Module({ providers: [CacheRedis, Cache, Broadcast], exports: [Cache, Broadcast] })
export class CacheModule {}
