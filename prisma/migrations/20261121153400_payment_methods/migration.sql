-- What customers are charged to, and who was told that his card is about to expire.

ALTER TABLE "subscriptions" ADD COLUMN "provider_method_id" TEXT;

CREATE TABLE "payment_methods" (
    "id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "brand" TEXT,
    "last4" TEXT,
    "exp_month" INTEGER,
    "exp_year" INTEGER,
    "country" TEXT,
    "bank_name" TEXT,
    "created_at" TIMESTAMPTZ NOT NULL,
    "last_fact_id" TEXT NOT NULL,
    "fact_count" INTEGER NOT NULL,
    "verified_at" TIMESTAMPTZ,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "payment_methods_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "provider_customers" (
    "id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "provider_method_id" TEXT,
    "last_fact_id" TEXT NOT NULL,
    "fact_count" INTEGER NOT NULL,
    "verified_at" TIMESTAMPTZ,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "provider_customers_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "card_expiry_notices" (
    "payment_method_id" TEXT NOT NULL,
    "exp_year" INTEGER NOT NULL,
    "exp_month" INTEGER NOT NULL,
    "customer_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "card_expiry_notices_pkey" PRIMARY KEY ("payment_method_id", "exp_year", "exp_month")
);

CREATE INDEX "payment_methods_customer_id_created_at_idx" ON "payment_methods"("customer_id", "created_at");
CREATE UNIQUE INDEX "payment_methods_provider_provider_id_key" ON "payment_methods"("provider", "provider_id");
CREATE INDEX "provider_customers_customer_id_idx" ON "provider_customers"("customer_id");
CREATE UNIQUE INDEX "provider_customers_provider_provider_id_key" ON "provider_customers"("provider", "provider_id");
CREATE INDEX "card_expiry_notices_customer_id_idx" ON "card_expiry_notices"("customer_id");

ALTER TABLE "payment_methods" ADD CONSTRAINT "payment_methods_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "provider_customers" ADD CONSTRAINT "provider_customers_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "card_expiry_notices" ADD CONSTRAINT "card_expiry_notices_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "card_expiry_notices" ADD CONSTRAINT "card_expiry_notices_payment_method_id_fkey" FOREIGN KEY ("payment_method_id") REFERENCES "payment_methods"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma's schema cannot say -----------------------------------------------------------------------------------

ALTER TABLE payment_methods
  ADD CONSTRAINT payment_methods_provider CHECK (provider IN ('stripe', 'apple', 'google', 'wise')),
  ADD CONSTRAINT payment_methods_status CHECK (status IN ('attached', 'detached')),
  -- Never more of a number than its end.
  ADD CONSTRAINT payment_methods_last4 CHECK (length(last4) <= 4),
  ADD CONSTRAINT payment_methods_expiry CHECK ((exp_month IS NULL) = (exp_year IS NULL) AND exp_month BETWEEN 1 AND 12
    AND exp_year BETWEEN 2000 AND 9999),
  ADD CONSTRAINT payment_methods_facts CHECK (fact_count > 0);

ALTER TABLE provider_customers
  ADD CONSTRAINT provider_customers_provider CHECK (provider IN ('stripe', 'apple', 'google', 'wise')),
  ADD CONSTRAINT provider_customers_status CHECK (status IN ('active', 'deleted')),
  ADD CONSTRAINT provider_customers_method CHECK (status = 'active' OR provider_method_id IS NULL),
  ADD CONSTRAINT provider_customers_facts CHECK (fact_count > 0);

ALTER TABLE card_expiry_notices
  ADD CONSTRAINT card_expiry_notices_expiry CHECK (exp_month BETWEEN 1 AND 12 AND exp_year BETWEEN 2000 AND 9999);

-- The cards that expire in a month, in the order in which they are looked through.
CREATE INDEX payment_methods_expiring ON payment_methods (exp_year, exp_month, id) WHERE status = 'attached' AND type = 'card';

-- Who was told was told -----------------------------------------------------------------------------------------------

CREATE TRIGGER card_expiry_notices_append_only BEFORE UPDATE OR DELETE ON card_expiry_notices
  FOR EACH ROW EXECUTE FUNCTION kassa_refuse_change();
CREATE TRIGGER card_expiry_notices_no_truncate BEFORE TRUNCATE ON card_expiry_notices
  FOR EACH STATEMENT EXECUTE FUNCTION kassa_refuse_change();

-- Row-level security ------------------------------------------------------------------------------------------------

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['payment_methods', 'provider_customers', 'card_expiry_notices'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY service_all ON %I TO kassa_service USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO kassa_service', t);
  END LOOP;
  GRANT UPDATE, DELETE ON payment_methods, provider_customers TO kassa_service;
  GRANT SELECT ON payment_methods TO kassa_user;
  CREATE POLICY own_rows ON payment_methods FOR SELECT TO kassa_user USING (customer_id = (SELECT kassa_customer_id()));
END $$;
