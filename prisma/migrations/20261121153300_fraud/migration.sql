-- CreateTable
CREATE TABLE "fraud_rules" (
    "key" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "signal" TEXT NOT NULL,
    "window_seconds" INTEGER,
    "threshold" BIGINT NOT NULL,
    "currency" CHAR(3),
    "max_amount" BIGINT,
    "outcome" TEXT NOT NULL,
    "active" BOOLEAN NOT NULL,
    "priority" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "fraud_rules_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "fraud_decisions" (
    "id" TEXT NOT NULL,
    "dedupe_key" TEXT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "customer_id" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "degraded" BOOLEAN NOT NULL,
    "reasons" JSONB NOT NULL,
    "request_id" TEXT,
    "amount" BIGINT,
    "currency" CHAR(3),
    "ip_hash" TEXT,
    "card_hash" TEXT,

    CONSTRAINT "fraud_decisions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "payment_attempts" (
    "id" TEXT NOT NULL,
    "decision_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "ip_hash" TEXT,
    "card_hash" TEXT,
    "amount" BIGINT,
    "currency" CHAR(3),
    "at" TIMESTAMPTZ NOT NULL,
    "outcome" TEXT NOT NULL,
    "decline_code" TEXT,
    "settled_at" TIMESTAMPTZ,

    CONSTRAINT "payment_attempts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "trial_fingerprints" (
    "card_hash" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "trial_fingerprints_pkey" PRIMARY KEY ("card_hash")
);

-- CreateIndex
CREATE UNIQUE INDEX "fraud_decisions_dedupe_key_key" ON "fraud_decisions"("dedupe_key");

-- CreateIndex
CREATE INDEX "fraud_decisions_at_id_idx" ON "fraud_decisions"("at", "id");

-- CreateIndex
CREATE INDEX "fraud_decisions_customer_id_at_id_idx" ON "fraud_decisions"("customer_id", "at", "id");

-- CreateIndex
CREATE INDEX "fraud_decisions_outcome_at_id_idx" ON "fraud_decisions"("outcome", "at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "payment_attempts_decision_id_key" ON "payment_attempts"("decision_id");

-- CreateIndex
CREATE INDEX "payment_attempts_customer_id_at_idx" ON "payment_attempts"("customer_id", "at");

-- CreateIndex
CREATE INDEX "payment_attempts_ip_hash_at_idx" ON "payment_attempts"("ip_hash", "at");

-- CreateIndex
CREATE INDEX "payment_attempts_card_hash_at_idx" ON "payment_attempts"("card_hash", "at");

-- CreateIndex
CREATE INDEX "trial_fingerprints_customer_id_idx" ON "trial_fingerprints"("customer_id");

-- AddForeignKey
ALTER TABLE "fraud_decisions" ADD CONSTRAINT "fraud_decisions_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "payment_attempts" ADD CONSTRAINT "payment_attempts_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "payment_attempts" ADD CONSTRAINT "payment_attempts_decision_id_fkey" FOREIGN KEY ("decision_id") REFERENCES "fraud_decisions"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "trial_fingerprints" ADD CONSTRAINT "trial_fingerprints_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------
-- From here on by hand: what Prisma's schema cannot say.
-- ---------------------------------------------------------------------------------------------------------------

-- What each signal needs stands in src/modules/billing/fraud/domain/signals.ts too.
ALTER TABLE fraud_rules
  ADD CONSTRAINT fraud_rules_key CHECK (key ~ '^[a-z][a-z0-9_]{0,62}$'),
  ADD CONSTRAINT fraud_rules_description CHECK (length(description) BETWEEN 1 AND 500),
  ADD CONSTRAINT fraud_rules_signal CHECK (signal IN ('failures_of_customer', 'failures_of_card', 'failures_of_ip',
    'cards_of_customer', 'cards_of_ip', 'setups_of_customer', 'small_failures_of_house', 'card_country_vs_billing',
    'card_country_vs_request', 'refunds_of_customer', 'amount_vs_customer', 'amount_vs_house', 'amount')),
  ADD CONSTRAINT fraud_rules_window CHECK ((window_seconds IS NULL) = (signal IN ('card_country_vs_billing', 'card_country_vs_request', 'amount'))
    AND (window_seconds IS NULL OR window_seconds BETWEEN 1 AND 31622400)),
  ADD CONSTRAINT fraud_rules_threshold CHECK (threshold BETWEEN 1 AND 9007199254740991),
  ADD CONSTRAINT fraud_rules_currency CHECK (currency ~ '^[A-Z]{3}$'
    AND (currency IS NOT NULL) = (signal IN ('small_failures_of_house', 'amount'))),
  ADD CONSTRAINT fraud_rules_max_amount CHECK ((max_amount IS NOT NULL) = (signal = 'small_failures_of_house')
    AND (max_amount IS NULL OR max_amount BETWEEN 1 AND 9007199254740991)),
  ADD CONSTRAINT fraud_rules_outcome CHECK (outcome IN ('review', 'block')),
  ADD CONSTRAINT fraud_rules_priority CHECK (priority BETWEEN 0 AND 1000);

ALTER TABLE fraud_decisions
  ADD CONSTRAINT fraud_decisions_outcome CHECK (outcome IN ('allow', 'review', 'block')),
  ADD CONSTRAINT fraud_decisions_reasons CHECK (jsonb_typeof(reasons) = 'array'
    AND (outcome = 'allow') = (jsonb_array_length(reasons) = 0)),
  ADD CONSTRAINT fraud_decisions_amount CHECK (amount >= 0 AND (amount IS NULL) = (currency IS NULL) AND currency ~ '^[A-Z]{3}$'),
  -- 32 bytes in base64url: nothing in clear fits.
  ADD CONSTRAINT fraud_decisions_hashes CHECK (ip_hash ~ '^[A-Za-z0-9_-]{43}$' AND card_hash ~ '^[A-Za-z0-9_-]{43}$');

ALTER TABLE payment_attempts
  ADD CONSTRAINT payment_attempts_outcome CHECK (outcome IN ('pending', 'succeeded', 'failed')),
  ADD CONSTRAINT payment_attempts_settled CHECK ((outcome = 'pending') = (settled_at IS NULL)),
  ADD CONSTRAINT payment_attempts_decline CHECK (decline_code IS NULL OR outcome = 'failed'),
  ADD CONSTRAINT payment_attempts_amount CHECK (amount >= 0 AND (amount IS NULL) = (currency IS NULL) AND currency ~ '^[A-Z]{3}$'),
  ADD CONSTRAINT payment_attempts_hashes CHECK (ip_hash ~ '^[A-Za-z0-9_-]{43}$' AND card_hash ~ '^[A-Za-z0-9_-]{43}$');

ALTER TABLE trial_fingerprints ADD CONSTRAINT trial_fingerprints_hash CHECK (card_hash ~ '^[A-Za-z0-9_-]{43}$');

-- Declines that only the provider tells are counted from its facts: one customer's, and the whole house's.
CREATE INDEX facts_declines_of ON facts (aggregate, occurred_at) WHERE kind IN ('payment.failed', 'setup.failed');
CREATE INDEX facts_declines ON facts (occurred_at) WHERE kind IN ('payment.failed', 'setup.failed');
-- What is usual in a currency.
CREATE INDEX payments_usual ON payments (currency, created_at) WHERE status = 'succeeded';

-- What must never change -------------------------------------------------------------------------------------------

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['fraud_decisions', 'trial_fingerprints'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION kassa_refuse_change()', t || '_append_only', t);
    EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION kassa_refuse_change()', t || '_no_truncate', t);
  END LOOP;
END $$;

-- Row-level security: a customer never reads why he was refused -------------------------------------------------------

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['fraud_rules', 'fraud_decisions', 'payment_attempts', 'trial_fingerprints'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY service_all ON %I TO kassa_service USING (true) WITH CHECK (true)', t);
    IF t IN ('fraud_rules', 'payment_attempts') THEN
      EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO kassa_service', t);
    ELSE
      EXECUTE format('GRANT SELECT, INSERT ON %I TO kassa_service', t);
    END IF;
  END LOOP;
END $$;
