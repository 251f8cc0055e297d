export { AdminModule } from './admin.module';
export { ErasureFlow, type Erasure } from './erasure/erasure.flow';
export { ErasureModule } from './erasure/erasure.module';
