export { PayoutOwnership } from './payout-ownership.service';
export { PayoutWorker } from './payout-worker.service';
export { PAYOUT_EVENTS } from './payouts.events';
export { PayoutsModule } from './payouts.module';
