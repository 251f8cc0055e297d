export { Broadcast, type Listener } from './broadcast.service';
export { CacheModule } from './cache.module';
export { Cache, type CacheKind } from './cache.service';
