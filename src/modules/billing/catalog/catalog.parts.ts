import { AdminFeaturesController } from './admin-features.controller';
import { AdminPlansController } from './admin-plans.controller';
import { CatalogAdminRepository } from './catalog-admin.repository';
import { CatalogAdmin } from './catalog-admin.service';
import { CatalogDriftController } from './catalog-drift.controller';
import { CatalogDriftFlow } from './catalog-drift.flow';
import { CatalogDriftWatch } from './catalog-drift-watch.service';
import { PlanRolloutRepository } from './plan-rollout.repository';
import { PlanRollout } from './plan-rollout.service';

/** What the billing module holds for the administration of the catalog. */
export const CATALOG_CONTROLLERS = [AdminPlansController, AdminFeaturesController, CatalogDriftController];
export const CATALOG_PROVIDERS = [
  CatalogAdminRepository,
  CatalogAdmin,
  PlanRolloutRepository,
  PlanRollout,
  CatalogDriftFlow,
  CatalogDriftWatch,
];
