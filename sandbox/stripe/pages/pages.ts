import type { FastifyInstance } from 'fastify';
import type { World } from '../../world';
import { registerCheckout } from './checkout';
import { registerDashboard } from './dashboard';
import { registerInvoices } from './invoice';
import { registerPortal } from './portal';

/** Every page of the sandbox: hosted checkout, portal, invoices and the dashboard. */
export function registerPages(app: FastifyInstance, world: () => World): void {
  registerCheckout(app, world);
  registerPortal(app, world);
  registerInvoices(app, world);
  registerDashboard(app, world);
}
