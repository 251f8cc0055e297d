-- What happens to money after a payment: refunds, disputes, credit notes, and the provider's payouts to us.

ALTER TABLE "plans" ADD COLUMN "refund_access" TEXT NOT NULL DEFAULT 'end';
ALTER TABLE "plans" ADD COLUMN "dispute_access" TEXT NOT NULL DEFAULT 'suspend';

CREATE TABLE "refunds" (
    "id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "provider_payment_id" TEXT NOT NULL,
    "amount" BIGINT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "status" TEXT NOT NULL,
    "reason" TEXT,
    "failure_reason" TEXT,
    "intent_id" TEXT,
    "created_at" TIMESTAMPTZ NOT NULL,
    "last_fact_id" TEXT NOT NULL,
    "fact_count" INTEGER NOT NULL,
    "verified_at" TIMESTAMPTZ,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "refunds_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "disputes" (
    "id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "provider_payment_id" TEXT NOT NULL,
    "amount" BIGINT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "status" TEXT NOT NULL,
    "provider_status" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "evidence_due_by" TIMESTAMPTZ,
    "has_evidence" BOOLEAN NOT NULL,
    "evidence_count" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "last_fact_id" TEXT NOT NULL,
    "fact_count" INTEGER NOT NULL,
    "verified_at" TIMESTAMPTZ,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "disputes_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "credit_notes" (
    "id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "provider_invoice_id" TEXT NOT NULL,
    "number" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "reason" TEXT,
    "currency" CHAR(3) NOT NULL,
    "total" BIGINT NOT NULL,
    "tax" BIGINT NOT NULL,
    "pre_payment" BIGINT NOT NULL,
    "refunded" BIGINT NOT NULL,
    "credited" BIGINT NOT NULL,
    "out_of_band" BIGINT NOT NULL,
    "intent_id" TEXT,
    "created_at" TIMESTAMPTZ NOT NULL,
    "last_fact_id" TEXT NOT NULL,
    "fact_count" INTEGER NOT NULL,
    "verified_at" TIMESTAMPTZ,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "credit_notes_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "provider_payouts" (
    "id" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "amount" BIGINT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "status" TEXT NOT NULL,
    "failure_code" TEXT,
    "arrives_at" TIMESTAMPTZ NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "last_fact_id" TEXT NOT NULL,
    "fact_count" INTEGER NOT NULL,
    "verified_at" TIMESTAMPTZ,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "provider_payouts_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "refunds_customer_id_created_at_idx" ON "refunds"("customer_id", "created_at");
CREATE INDEX "refunds_provider_provider_payment_id_idx" ON "refunds"("provider", "provider_payment_id");
CREATE UNIQUE INDEX "refunds_provider_provider_id_key" ON "refunds"("provider", "provider_id");
CREATE INDEX "disputes_customer_id_created_at_idx" ON "disputes"("customer_id", "created_at");
CREATE INDEX "disputes_provider_provider_payment_id_idx" ON "disputes"("provider", "provider_payment_id");
CREATE INDEX "disputes_created_at_id_idx" ON "disputes"("created_at", "id");
CREATE UNIQUE INDEX "disputes_provider_provider_id_key" ON "disputes"("provider", "provider_id");
CREATE INDEX "credit_notes_customer_id_created_at_idx" ON "credit_notes"("customer_id", "created_at");
CREATE INDEX "credit_notes_provider_provider_invoice_id_idx" ON "credit_notes"("provider", "provider_invoice_id");
CREATE UNIQUE INDEX "credit_notes_provider_provider_id_key" ON "credit_notes"("provider", "provider_id");
CREATE INDEX "provider_payouts_created_at_id_idx" ON "provider_payouts"("created_at", "id");
CREATE UNIQUE INDEX "provider_payouts_provider_provider_id_key" ON "provider_payouts"("provider", "provider_id");

ALTER TABLE "refunds" ADD CONSTRAINT "refunds_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "disputes" ADD CONSTRAINT "disputes_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "credit_notes" ADD CONSTRAINT "credit_notes_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma's schema cannot say -----------------------------------------------------------------------------------

ALTER TABLE plans
  ADD CONSTRAINT plans_refund_access CHECK (refund_access IN ('end', 'keep')),
  ADD CONSTRAINT plans_dispute_access CHECK (dispute_access IN ('suspend', 'keep'));

ALTER TABLE refunds
  ADD CONSTRAINT refunds_provider CHECK (provider IN ('stripe', 'apple', 'google', 'wise')),
  ADD CONSTRAINT refunds_status CHECK (status IN ('pending', 'requires_action', 'succeeded', 'failed', 'canceled')),
  ADD CONSTRAINT refunds_currency CHECK (currency ~ '^[A-Z]{3}$'),
  ADD CONSTRAINT refunds_amount CHECK (amount > 0),
  ADD CONSTRAINT refunds_facts CHECK (fact_count > 0);

ALTER TABLE disputes
  ADD CONSTRAINT disputes_provider CHECK (provider IN ('stripe', 'apple', 'google', 'wise')),
  ADD CONSTRAINT disputes_status CHECK (status IN ('warning_needs_response', 'warning_under_review', 'warning_closed',
    'needs_response', 'under_review', 'won', 'lost', 'prevented')),
  ADD CONSTRAINT disputes_currency CHECK (currency ~ '^[A-Z]{3}$'),
  ADD CONSTRAINT disputes_amount CHECK (amount >= 0),
  ADD CONSTRAINT disputes_evidence CHECK (evidence_count >= 0),
  ADD CONSTRAINT disputes_facts CHECK (fact_count > 0);

ALTER TABLE credit_notes
  ADD CONSTRAINT credit_notes_provider CHECK (provider IN ('stripe', 'apple', 'google', 'wise')),
  ADD CONSTRAINT credit_notes_status CHECK (status IN ('issued', 'void')),
  ADD CONSTRAINT credit_notes_currency CHECK (currency ~ '^[A-Z]{3}$'),
  ADD CONSTRAINT credit_notes_amounts CHECK (tax BETWEEN 0 AND total AND pre_payment >= 0 AND refunded >= 0 AND credited >= 0
    AND out_of_band >= 0 AND total = pre_payment + refunded + credited + out_of_band),
  ADD CONSTRAINT credit_notes_facts CHECK (fact_count > 0);

ALTER TABLE provider_payouts
  ADD CONSTRAINT provider_payouts_provider CHECK (provider IN ('stripe', 'apple', 'google', 'wise')),
  ADD CONSTRAINT provider_payouts_status CHECK (status IN ('pending', 'in_transit', 'paid', 'failed', 'canceled')),
  ADD CONSTRAINT provider_payouts_currency CHECK (currency ~ '^[A-Z]{3}$'),
  -- Negative where the provider takes from our bank account what its balance lacks.
  ADD CONSTRAINT provider_payouts_amount CHECK (amount <> 0),
  ADD CONSTRAINT provider_payouts_facts CHECK (fact_count > 0);

ALTER TABLE payment_support_tickets
  DROP CONSTRAINT payment_support_tickets_type,
  ADD CONSTRAINT payment_support_tickets_type
    CHECK (type IN ('webhook_failure', 'payment_failure', 'dispute', 'refund_failure', 'fraud_review', 'other'));

-- Row-level security ------------------------------------------------------------------------------------------------

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['refunds', 'disputes', 'credit_notes', 'provider_payouts'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY service_all ON %I TO kassa_service USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO kassa_service', t);
  END LOOP;
  -- A customer sees what was given back to him; what the banks say of him is not his to read.
  FOREACH t IN ARRAY ARRAY['refunds', 'credit_notes'] LOOP
    EXECUTE format('GRANT SELECT ON %I TO kassa_user', t);
    EXECUTE format('CREATE POLICY own_rows ON %I FOR SELECT TO kassa_user USING (customer_id = (SELECT kassa_customer_id()))', t);
  END LOOP;
END $$;
