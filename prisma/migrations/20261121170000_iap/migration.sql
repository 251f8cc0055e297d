-- What is bought once in a store, and purchases that support has given to another customer.

ALTER TABLE "iap_products" ADD COLUMN "active" BOOLEAN NOT NULL DEFAULT true;
ALTER TABLE "iap_products" ADD COLUMN "feature_id" TEXT;
ALTER TABLE "iap_products" ADD COLUMN "quantity" INTEGER;
ALTER TABLE "iap_products" ALTER COLUMN "plan_id" DROP NOT NULL;
-- The default is for processes of the release before, which may still run beside us and do not know the column.
ALTER TABLE "entitlement_grants" ADD COLUMN "additive" BOOLEAN NOT NULL DEFAULT false;

CREATE TABLE "purchase_transfers" (
    "id" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "from_customer_id" TEXT NOT NULL,
    "to_customer_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "purchase_transfers_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "iap_products_feature_id_idx" ON "iap_products"("feature_id");
CREATE INDEX "iap_products_created_at_idx" ON "iap_products"("created_at");
CREATE INDEX "purchase_transfers_provider_provider_id_idx" ON "purchase_transfers"("provider", "provider_id");
CREATE INDEX "purchase_transfers_from_customer_id_idx" ON "purchase_transfers"("from_customer_id");
CREATE INDEX "purchase_transfers_to_customer_id_idx" ON "purchase_transfers"("to_customer_id");

ALTER TABLE "iap_products" ADD CONSTRAINT "iap_products_feature_id_fkey"
  FOREIGN KEY ("feature_id") REFERENCES "features"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "purchase_transfers" ADD CONSTRAINT "purchase_transfers_from_customer_id_fkey"
  FOREIGN KEY ("from_customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "purchase_transfers" ADD CONSTRAINT "purchase_transfers_to_customer_id_fkey"
  FOREIGN KEY ("to_customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------
-- From here on by hand: what Prisma's schema cannot say.
-- ---------------------------------------------------------------------------------------------------------------

-- A plan for as long as it is paid, a plan for life, or so many of a feature.
ALTER TABLE iap_products
  DROP CONSTRAINT iap_products_kind,
  ADD CONSTRAINT iap_products_kind CHECK (kind IN ('subscription', 'lifetime', 'consumable')),
  ADD CONSTRAINT iap_products_gives CHECK ((kind = 'consumable') = (plan_id IS NULL)
    AND (kind = 'consumable') = (feature_id IS NOT NULL) AND (kind = 'consumable') = (quantity IS NOT NULL)),
  ADD CONSTRAINT iap_products_quantity CHECK (quantity > 0);

ALTER TABLE purchase_transfers
  ADD CONSTRAINT purchase_transfers_provider CHECK (provider IN ('apple', 'google')),
  ADD CONSTRAINT purchase_transfers_moves CHECK (from_customer_id <> to_customer_id);

CREATE TRIGGER purchase_transfers_append_only BEFORE UPDATE OR DELETE ON purchase_transfers
  FOR EACH ROW EXECUTE FUNCTION kassa_refuse_change();
CREATE TRIGGER purchase_transfers_no_truncate BEFORE TRUNCATE ON purchase_transfers
  FOR EACH STATEMENT EXECUTE FUNCTION kassa_refuse_change();
ALTER TABLE purchase_transfers ENABLE ROW LEVEL SECURITY;
ALTER TABLE purchase_transfers FORCE ROW LEVEL SECURITY;
CREATE POLICY service_all ON purchase_transfers TO kassa_service USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON purchase_transfers TO kassa_service;

-- Two stores, or a store and Stripe, paid for the same; a purchase that two customers claim.
ALTER TABLE payment_support_tickets
  DROP CONSTRAINT payment_support_tickets_type,
  ADD CONSTRAINT payment_support_tickets_type CHECK (type IN ('webhook_failure', 'payment_failure', 'dispute', 'refund_failure',
    'fraud_review', 'reconciliation_break', 'store_purchase', 'other'));
