export { Process, Processor } from '@nestjs/bull';
export { DelayedJobs, type DelayedJob } from './delayed-jobs.service';
export { jitter } from './jitter';
export { QUEUES, type QueueName } from './queue-names';
export { QueueModule } from './queue.module';
export { createRedis } from './redis-client';
export { Sweepers, type Sweeper } from './sweepers';
export { WakeService } from './wake.service';
