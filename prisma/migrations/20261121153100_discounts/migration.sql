-- AlterTable
ALTER TABLE "invoices" ADD COLUMN     "discount" BIGINT NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "discounts" (
    "id" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "percent_off" DECIMAL(5,2),
    "amount_off" BIGINT,
    "currency" CHAR(3),
    "duration" TEXT NOT NULL,
    "duration_months" INTEGER,
    "first_time_only" BOOLEAN NOT NULL,
    "max_redemptions" INTEGER,
    "expires_at" TIMESTAMPTZ,
    "active" BOOLEAN NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "mirrored_revision" INTEGER NOT NULL DEFAULT 0,
    "coupon_ref" TEXT,
    "promotion_code_ref" TEXT,
    "synced_at" TIMESTAMPTZ,
    "request_key" TEXT,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "discounts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "discount_plans" (
    "discount_id" TEXT NOT NULL,
    "plan_id" TEXT NOT NULL,

    CONSTRAINT "discount_plans_pkey" PRIMARY KEY ("discount_id","plan_id")
);

-- CreateTable
CREATE TABLE "discount_redemptions" (
    "id" TEXT NOT NULL,
    "discount_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "intent_id" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "held_at" TIMESTAMPTZ NOT NULL,
    "settled_at" TIMESTAMPTZ,

    CONSTRAINT "discount_redemptions_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "discounts_code_key" ON "discounts"("code");

-- CreateIndex
CREATE INDEX "discounts_created_at_id_idx" ON "discounts"("created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "discount_redemptions_intent_id_key" ON "discount_redemptions"("intent_id");

-- CreateIndex
CREATE INDEX "discount_redemptions_customer_id_idx" ON "discount_redemptions"("customer_id");

-- AddForeignKey
ALTER TABLE "discount_plans" ADD CONSTRAINT "discount_plans_discount_id_fkey" FOREIGN KEY ("discount_id") REFERENCES "discounts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "discount_plans" ADD CONSTRAINT "discount_plans_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "discount_redemptions" ADD CONSTRAINT "discount_redemptions_discount_id_fkey" FOREIGN KEY ("discount_id") REFERENCES "discounts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "discount_redemptions" ADD CONSTRAINT "discount_redemptions_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "discount_redemptions" ADD CONSTRAINT "discount_redemptions_intent_id_fkey" FOREIGN KEY ("intent_id") REFERENCES "provider_intents"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------
-- From here on by hand: what Prisma's schema cannot say.
-- ---------------------------------------------------------------------------------------------------------------

ALTER TABLE invoices ADD CONSTRAINT invoices_discount CHECK (discount >= 0);

-- Codes are kept in upper case, so that one differs from another by more than its case.
ALTER TABLE discounts
  ADD CONSTRAINT discounts_code CHECK (code ~ '^[A-Z0-9-]{1,40}$'),
  ADD CONSTRAINT discounts_name CHECK (length(name) BETWEEN 1 AND 40),
  ADD CONSTRAINT discounts_off CHECK ((percent_off IS NULL) <> (amount_off IS NULL)),
  ADD CONSTRAINT discounts_percent CHECK (percent_off > 0 AND percent_off <= 100),
  ADD CONSTRAINT discounts_amount CHECK (amount_off > 0),
  ADD CONSTRAINT discounts_currency CHECK ((currency IS NULL) = (amount_off IS NULL) AND (currency IS NULL OR currency ~ '^[A-Z]{3}$')),
  ADD CONSTRAINT discounts_duration CHECK (duration IN ('once', 'repeating', 'forever')),
  ADD CONSTRAINT discounts_months CHECK ((duration_months IS NOT NULL) = (duration = 'repeating')
    AND (duration_months IS NULL OR duration_months BETWEEN 1 AND 120)),
  ADD CONSTRAINT discounts_limit CHECK (max_redemptions > 0),
  ADD CONSTRAINT discounts_revision CHECK (mirrored_revision BETWEEN 0 AND revision);

ALTER TABLE discount_redemptions
  ADD CONSTRAINT discount_redemptions_state CHECK (state IN ('held', 'redeemed', 'released')),
  ADD CONSTRAINT discount_redemptions_settled CHECK ((settled_at IS NULL) = (state = 'held'));
-- What counts against the limit.
CREATE INDEX discount_redemptions_taken ON discount_redemptions (discount_id) WHERE state <> 'released';
-- A customer holds a discount for one purchase at a time: nobody uses up a limit by opening checkouts.
CREATE UNIQUE INDEX discount_redemptions_one_hold ON discount_redemptions (discount_id, customer_id) WHERE state = 'held';
CREATE INDEX discount_redemptions_held ON discount_redemptions (held_at) WHERE state = 'held';

-- What a discount gives is what customers were promised, and immutable at Stripe too.
CREATE FUNCTION kassa_discount_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.id, NEW.code, NEW.percent_off, NEW.amount_off, NEW.currency, NEW.duration, NEW.duration_months, NEW.first_time_only)
     IS DISTINCT FROM (OLD.id, OLD.code, OLD.percent_off, OLD.amount_off, OLD.currency, OLD.duration, OLD.duration_months,
       OLD.first_time_only) THEN
    RAISE EXCEPTION 'what a discount gives is immutable: make a new one' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER discounts_immutable BEFORE UPDATE ON discounts FOR EACH ROW EXECUTE FUNCTION kassa_discount_is_immutable();
CREATE TRIGGER discount_plans_append_only BEFORE UPDATE OR DELETE ON discount_plans
  FOR EACH ROW EXECUTE FUNCTION kassa_refuse_change();
CREATE TRIGGER discount_plans_no_truncate BEFORE TRUNCATE ON discount_plans
  FOR EACH STATEMENT EXECUTE FUNCTION kassa_refuse_change();

-- Codes are secrets until somebody is given one: a user's own session reads none of this.
DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['discounts', 'discount_plans', 'discount_redemptions'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY service_all ON %I TO kassa_service USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO kassa_service', t);
  END LOOP;
  GRANT UPDATE ON discounts, discount_redemptions TO kassa_service;
END $$;
