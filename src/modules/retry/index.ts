export { RETRY_EVENTS } from './retry.events';
