-- What is sold in the stores: which of our plans a store's product is.

CREATE TABLE "iap_products" (
    "provider" TEXT NOT NULL,
    "product_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "plan_id" TEXT NOT NULL,
    "billing_cycle" TEXT,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "iap_products_pkey" PRIMARY KEY ("provider", "product_id")
);

CREATE INDEX "iap_products_plan_id_idx" ON "iap_products"("plan_id");

ALTER TABLE "iap_products" ADD CONSTRAINT "iap_products_plan_id_fkey"
  FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE iap_products ADD CONSTRAINT iap_products_provider CHECK (provider IN ('apple', 'google'));
ALTER TABLE iap_products ADD CONSTRAINT iap_products_id CHECK (length(product_id) BETWEEN 1 AND 255);
ALTER TABLE iap_products ADD CONSTRAINT iap_products_kind CHECK (kind IN ('subscription', 'lifetime'));
ALTER TABLE iap_products ADD CONSTRAINT iap_products_cycle CHECK (billing_cycle IN ('monthly', 'annual'));
-- A subscription is billed by a cycle; what is bought for life is not.
ALTER TABLE iap_products ADD CONSTRAINT iap_products_terms CHECK ((kind = 'subscription') = (billing_cycle IS NOT NULL));

ALTER TABLE iap_products ENABLE ROW LEVEL SECURITY;
ALTER TABLE iap_products FORCE ROW LEVEL SECURITY;
CREATE POLICY service_all ON iap_products TO kassa_service USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON iap_products TO kassa_service;
