-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "plans" (
    "id" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "trial_days" INTEGER NOT NULL DEFAULT 0,
    "grace_days" INTEGER NOT NULL DEFAULT 7,
    "position" INTEGER NOT NULL,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "plans_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "prices" (
    "id" TEXT NOT NULL,
    "plan_id" TEXT NOT NULL,
    "billing_cycle" TEXT NOT NULL,
    "amount" BIGINT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "lookup_key" TEXT NOT NULL,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "prices_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "features" (
    "id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "features_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "plan_features" (
    "plan_id" TEXT NOT NULL,
    "feature_id" TEXT NOT NULL,
    "limit" BIGINT,

    CONSTRAINT "plan_features_pkey" PRIMARY KEY ("plan_id","feature_id")
);

-- CreateTable
CREATE TABLE "catalog_mirrors" (
    "provider" TEXT NOT NULL,
    "object_type" TEXT NOT NULL,
    "object_id" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "synced_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "catalog_mirrors_pkey" PRIMARY KEY ("provider","object_type","object_id")
);

-- CreateTable
CREATE TABLE "subscriptions" (
    "id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "plan_id" TEXT NOT NULL,
    "price_id" TEXT,
    "status" TEXT NOT NULL,
    "provider_status" TEXT NOT NULL,
    "billing_cycle" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,
    "amount" BIGINT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "current_period_start" TIMESTAMPTZ NOT NULL,
    "current_period_end" TIMESTAMPTZ NOT NULL,
    "trial_ends_at" TIMESTAMPTZ,
    "cancel_at_period_end" BOOLEAN NOT NULL,
    "cancel_at" TIMESTAMPTZ,
    "canceled_at" TIMESTAMPTZ,
    "ended_at" TIMESTAMPTZ,
    "grace_until" TIMESTAMPTZ,
    "intent_id" TEXT,
    "created_at" TIMESTAMPTZ NOT NULL,
    "last_fact_id" TEXT NOT NULL,
    "fact_count" INTEGER NOT NULL,
    "verified_at" TIMESTAMPTZ,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "subscriptions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "subscription_changes" (
    "id" TEXT NOT NULL,
    "subscription_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "fact_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "position" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "from_plan_id" TEXT,
    "to_plan_id" TEXT NOT NULL,
    "from_status" TEXT,
    "to_status" TEXT NOT NULL,
    "source" TEXT NOT NULL,

    CONSTRAINT "subscription_changes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "invoices" (
    "id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "provider_subscription_id" TEXT,
    "number" TEXT,
    "status" TEXT NOT NULL,
    "billing_reason" TEXT,
    "currency" CHAR(3) NOT NULL,
    "total" BIGINT NOT NULL,
    "tax" BIGINT NOT NULL,
    "amount_due" BIGINT NOT NULL,
    "amount_paid" BIGINT NOT NULL,
    "amount_remaining" BIGINT NOT NULL,
    "amount_refunded" BIGINT NOT NULL DEFAULT 0,
    "period_start" TIMESTAMPTZ NOT NULL,
    "period_end" TIMESTAMPTZ NOT NULL,
    "hosted_url" TEXT,
    "pdf_url" TEXT,
    "attempt_count" INTEGER NOT NULL,
    "next_retry_at" TIMESTAMPTZ,
    "first_failed_at" TIMESTAMPTZ,
    "finalized_at" TIMESTAMPTZ,
    "paid_at" TIMESTAMPTZ,
    "lines" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "last_fact_id" TEXT NOT NULL,
    "fact_count" INTEGER NOT NULL,
    "verified_at" TIMESTAMPTZ,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "invoices_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "payments" (
    "id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "provider_invoice_id" TEXT,
    "amount" BIGINT NOT NULL,
    "amount_refunded" BIGINT NOT NULL DEFAULT 0,
    "currency" CHAR(3) NOT NULL,
    "status" TEXT NOT NULL,
    "decline_code" TEXT,
    "method_type" TEXT,
    "method_brand" TEXT,
    "method_last4" TEXT,
    "created_at" TIMESTAMPTZ NOT NULL,
    "last_fact_id" TEXT NOT NULL,
    "fact_count" INTEGER NOT NULL,
    "verified_at" TIMESTAMPTZ,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "payments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "customers" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "email" TEXT,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "trial_used_at" TIMESTAMPTZ,

    CONSTRAINT "customers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "customer_accounts" (
    "provider" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "customer_accounts_pkey" PRIMARY KEY ("provider","provider_id")
);

-- CreateTable
CREATE TABLE "entitlement_grants" (
    "id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "feature_id" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "source_id" TEXT NOT NULL,
    "limit" BIGINT,
    "period_start" TIMESTAMPTZ NOT NULL,
    "period_end" TIMESTAMPTZ,
    "until" TIMESTAMPTZ,
    "revoked_at" TIMESTAMPTZ,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "entitlement_grants_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ledger_accounts" (
    "code" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "description" TEXT NOT NULL,

    CONSTRAINT "ledger_accounts_pkey" PRIMARY KEY ("code")
);

-- CreateTable
CREATE TABLE "journal_transactions" (
    "id" TEXT NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "xact_id" BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text)::bigint,
    "type" TEXT NOT NULL,
    "ts" TIMESTAMPTZ NOT NULL,
    "recorded_at" TIMESTAMPTZ NOT NULL,
    "provider" TEXT NOT NULL,
    "ref_id" TEXT NOT NULL,
    "customer_id" TEXT,
    "idempotency_key" TEXT NOT NULL,
    "content_hash" BYTEA NOT NULL,
    "reverses_id" TEXT,
    "meta" JSONB NOT NULL,

    CONSTRAINT "journal_transactions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "journal_entries" (
    "transaction_id" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "account_code" TEXT NOT NULL,
    "amount" BIGINT NOT NULL,
    "currency" CHAR(3) NOT NULL,

    CONSTRAINT "journal_entries_pkey" PRIMARY KEY ("transaction_id","position")
);

-- CreateTable
CREATE TABLE "inbox_events" (
    "id" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "api_version" TEXT,
    "livemode" BOOLEAN NOT NULL,
    "object_type" TEXT,
    "object_id" TEXT,
    "aggregate" TEXT,
    "occurred_at" TIMESTAMPTZ NOT NULL,
    "received_at" TIMESTAMPTZ NOT NULL,
    "raw_body" BYTEA NOT NULL,
    "headers" JSONB NOT NULL,
    "status" TEXT NOT NULL,
    "retry_count" INTEGER NOT NULL DEFAULT 0,
    "next_retry_at" TIMESTAMPTZ,
    "lease_owner" TEXT,
    "lease_until" TIMESTAMPTZ,
    "error_context" JSONB,
    "handled_at" TIMESTAMPTZ,

    CONSTRAINT "inbox_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "facts" (
    "id" TEXT NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "xact_id" BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text)::bigint,
    "provider" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "object_type" TEXT NOT NULL,
    "object_id" TEXT NOT NULL,
    "aggregate" TEXT NOT NULL,
    "occurred_at" TIMESTAMPTZ NOT NULL,
    "source_id" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "before" JSONB,
    "recorded_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "facts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "outbox_events" (
    "id" TEXT NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "type" TEXT NOT NULL,
    "object_type" TEXT NOT NULL,
    "object_id" TEXT NOT NULL,
    "customer_id" TEXT,
    "payload" JSONB NOT NULL,
    "occurred_at" TIMESTAMPTZ NOT NULL,
    "recorded_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "outbox_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "outbox_deliveries" (
    "id" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "consumer" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_retry_at" TIMESTAMPTZ NOT NULL,
    "lease_owner" TEXT,
    "lease_until" TIMESTAMPTZ,
    "error_context" JSONB,
    "handled_at" TIMESTAMPTZ,

    CONSTRAINT "outbox_deliveries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "provider_intents" (
    "id" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "customer_id" TEXT,
    "dedupe_key" TEXT NOT NULL,
    "params" JSONB NOT NULL,
    "state" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "key_generation" INTEGER NOT NULL DEFAULT 0,
    "lease_until" TIMESTAMPTZ,
    "provider_id" TEXT,
    "outcome" JSONB,
    "error_context" JSONB,
    "created_at" TIMESTAMPTZ NOT NULL,
    "called_at" TIMESTAMPTZ,
    "settled_at" TIMESTAMPTZ,

    CONSTRAINT "provider_intents_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "scope" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "request_hash" BYTEA NOT NULL,
    "method_path" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "lease_until" TIMESTAMPTZ,
    "response_status" INTEGER,
    "response_body" JSONB,
    "response_headers" JSONB,
    "created_at" TIMESTAMPTZ NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("scope","key")
);

-- CreateTable
CREATE TABLE "audit_log" (
    "id" TEXT NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "actor_type" TEXT NOT NULL,
    "actor_id" TEXT,
    "action" TEXT NOT NULL,
    "object_type" TEXT NOT NULL,
    "object_id" TEXT NOT NULL,
    "customer_id" TEXT,
    "before" JSONB,
    "after" JSONB,
    "request_id" TEXT,

    CONSTRAINT "audit_log_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alerts" (
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "cause_key" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "details" JSONB NOT NULL,
    "count" INTEGER NOT NULL DEFAULT 1,
    "first_at" TIMESTAMPTZ NOT NULL,
    "last_at" TIMESTAMPTZ NOT NULL,
    "resolved_at" TIMESTAMPTZ,

    CONSTRAINT "alerts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "business_clock" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "offset_seconds" BIGINT NOT NULL DEFAULT 0,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "business_clock_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "plans_code_key" ON "plans"("code");

-- CreateIndex
CREATE UNIQUE INDEX "prices_lookup_key_key" ON "prices"("lookup_key");

-- CreateIndex
CREATE UNIQUE INDEX "features_key_key" ON "features"("key");

-- CreateIndex
CREATE UNIQUE INDEX "catalog_mirrors_provider_provider_id_key" ON "catalog_mirrors"("provider", "provider_id");

-- CreateIndex
CREATE INDEX "subscriptions_customer_id_idx" ON "subscriptions"("customer_id");

-- CreateIndex
CREATE UNIQUE INDEX "subscriptions_provider_provider_id_key" ON "subscriptions"("provider", "provider_id");

-- CreateIndex
CREATE UNIQUE INDEX "subscription_changes_subscription_id_position_key" ON "subscription_changes"("subscription_id", "position");

-- CreateIndex
CREATE INDEX "invoices_customer_id_created_at_idx" ON "invoices"("customer_id", "created_at");

-- CreateIndex
CREATE INDEX "invoices_provider_provider_subscription_id_idx" ON "invoices"("provider", "provider_subscription_id");

-- CreateIndex
CREATE UNIQUE INDEX "invoices_provider_provider_id_key" ON "invoices"("provider", "provider_id");

-- CreateIndex
CREATE INDEX "payments_customer_id_created_at_idx" ON "payments"("customer_id", "created_at");

-- CreateIndex
CREATE INDEX "payments_provider_provider_invoice_id_idx" ON "payments"("provider", "provider_invoice_id");

-- CreateIndex
CREATE UNIQUE INDEX "payments_provider_provider_id_key" ON "payments"("provider", "provider_id");

-- CreateIndex
CREATE UNIQUE INDEX "customers_user_id_key" ON "customers"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "customer_accounts_customer_id_provider_key" ON "customer_accounts"("customer_id", "provider");

-- CreateIndex
CREATE INDEX "entitlement_grants_customer_id_idx" ON "entitlement_grants"("customer_id");

-- CreateIndex
CREATE UNIQUE INDEX "entitlement_grants_source_source_id_feature_id_key" ON "entitlement_grants"("source", "source_id", "feature_id");

-- CreateIndex
CREATE UNIQUE INDEX "journal_transactions_seq_key" ON "journal_transactions"("seq");

-- CreateIndex
CREATE UNIQUE INDEX "journal_transactions_idempotency_key_key" ON "journal_transactions"("idempotency_key");

-- CreateIndex
CREATE UNIQUE INDEX "journal_transactions_reverses_id_key" ON "journal_transactions"("reverses_id");

-- CreateIndex
CREATE INDEX "journal_transactions_ref_id_idx" ON "journal_transactions"("ref_id");

-- CreateIndex
CREATE INDEX "journal_transactions_ts_idx" ON "journal_transactions"("ts");

-- CreateIndex
CREATE INDEX "journal_entries_account_code_currency_idx" ON "journal_entries"("account_code", "currency");

-- CreateIndex
CREATE INDEX "inbox_events_received_at_id_idx" ON "inbox_events"("received_at", "id");

-- CreateIndex
CREATE INDEX "inbox_events_aggregate_idx" ON "inbox_events"("aggregate");

-- CreateIndex
CREATE UNIQUE INDEX "inbox_events_provider_event_id_key" ON "inbox_events"("provider", "event_id");

-- CreateIndex
CREATE UNIQUE INDEX "facts_seq_key" ON "facts"("seq");

-- CreateIndex
CREATE INDEX "facts_provider_object_type_object_id_idx" ON "facts"("provider", "object_type", "object_id");

-- CreateIndex
CREATE INDEX "facts_aggregate_idx" ON "facts"("aggregate");

-- CreateIndex
CREATE UNIQUE INDEX "facts_provider_source_id_object_type_object_id_key" ON "facts"("provider", "source_id", "object_type", "object_id");

-- CreateIndex
CREATE UNIQUE INDEX "outbox_events_seq_key" ON "outbox_events"("seq");

-- CreateIndex
CREATE INDEX "outbox_events_object_type_object_id_idx" ON "outbox_events"("object_type", "object_id");

-- CreateIndex
CREATE UNIQUE INDEX "outbox_deliveries_event_id_consumer_key" ON "outbox_deliveries"("event_id", "consumer");

-- CreateIndex
CREATE UNIQUE INDEX "provider_intents_dedupe_key_key" ON "provider_intents"("dedupe_key");

-- CreateIndex
CREATE INDEX "provider_intents_customer_id_kind_idx" ON "provider_intents"("customer_id", "kind");

-- CreateIndex
CREATE INDEX "provider_intents_provider_id_idx" ON "provider_intents"("provider_id");

-- CreateIndex
CREATE INDEX "idempotency_keys_expires_at_idx" ON "idempotency_keys"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "audit_log_seq_key" ON "audit_log"("seq");

-- CreateIndex
CREATE INDEX "audit_log_object_type_object_id_idx" ON "audit_log"("object_type", "object_id");

-- CreateIndex
CREATE INDEX "audit_log_at_idx" ON "audit_log"("at");

-- CreateIndex
CREATE INDEX "alerts_last_at_idx" ON "alerts"("last_at");

-- AddForeignKey
ALTER TABLE "prices" ADD CONSTRAINT "prices_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_features" ADD CONSTRAINT "plan_features_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_features" ADD CONSTRAINT "plan_features_feature_id_fkey" FOREIGN KEY ("feature_id") REFERENCES "features"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_price_id_fkey" FOREIGN KEY ("price_id") REFERENCES "prices"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "subscription_changes" ADD CONSTRAINT "subscription_changes_subscription_id_fkey" FOREIGN KEY ("subscription_id") REFERENCES "subscriptions"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invoices" ADD CONSTRAINT "invoices_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "payments" ADD CONSTRAINT "payments_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "customer_accounts" ADD CONSTRAINT "customer_accounts_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "entitlement_grants" ADD CONSTRAINT "entitlement_grants_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "entitlement_grants" ADD CONSTRAINT "entitlement_grants_feature_id_fkey" FOREIGN KEY ("feature_id") REFERENCES "features"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "journal_transactions" ADD CONSTRAINT "journal_transactions_reverses_id_fkey" FOREIGN KEY ("reverses_id") REFERENCES "journal_transactions"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "journal_entries" ADD CONSTRAINT "journal_entries_transaction_id_fkey" FOREIGN KEY ("transaction_id") REFERENCES "journal_transactions"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "journal_entries" ADD CONSTRAINT "journal_entries_account_code_fkey" FOREIGN KEY ("account_code") REFERENCES "ledger_accounts"("code") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "outbox_deliveries" ADD CONSTRAINT "outbox_deliveries_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "outbox_events"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "provider_intents" ADD CONSTRAINT "provider_intents_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------
-- What Prisma's schema cannot say: roles, checks, partial indexes, triggers, row-level security.
-- ---------------------------------------------------------------------------------------------------------------

-- Roles belong to the cluster, not to the database: two databases may be migrated at once.
DO $$
DECLARE
  r text;
BEGIN
  FOREACH r IN ARRAY ARRAY['kassa_service', 'kassa_user'] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', r);
      END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    -- From PostgreSQL 16 on the creator of a role administers it without being able to SET it. Concurrent grants of
    -- the same membership may collide in the catalog; the other's grant is as good as ours.
    BEGIN
      IF NOT pg_has_role(current_user, r, 'MEMBER') OR NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        EXECUTE format('GRANT %I TO %I', r, current_user);
      END IF;
    EXCEPTION WHEN unique_violation THEN NULL;
    END;
  END LOOP;
END $$;

-- Checks -----------------------------------------------------------------------------------------------------------

ALTER TABLE inbox_events
  ADD CONSTRAINT inbox_events_status CHECK (status IN ('received', 'processing', 'processed', 'ignored', 'stale', 'retrying', 'failed')),
  ADD CONSTRAINT inbox_events_provider CHECK (provider IN ('stripe', 'apple', 'google', 'wise')),
  ADD CONSTRAINT inbox_events_handled CHECK ((handled_at IS NOT NULL) = (status IN ('processed', 'ignored', 'stale', 'failed'))),
  ADD CONSTRAINT inbox_events_lease CHECK ((lease_owner IS NULL) = (lease_until IS NULL)),
  ADD CONSTRAINT inbox_events_retry_count CHECK (retry_count >= 0);
-- The work that is left: everything else in this table is history.
CREATE INDEX inbox_events_due ON inbox_events (COALESCE(next_retry_at, received_at)) WHERE handled_at IS NULL;

ALTER TABLE facts
  ADD CONSTRAINT facts_provider CHECK (provider IN ('stripe', 'apple', 'google', 'wise')),
  ADD CONSTRAINT facts_payload CHECK (jsonb_typeof(payload) = 'object'),
  ADD CONSTRAINT facts_before CHECK (before IS NULL OR jsonb_typeof(before) = 'object');

ALTER TABLE outbox_deliveries
  ADD CONSTRAINT outbox_deliveries_status CHECK (status IN ('pending', 'delivered', 'failed')),
  ADD CONSTRAINT outbox_deliveries_handled CHECK ((handled_at IS NOT NULL) = (status <> 'pending')),
  ADD CONSTRAINT outbox_deliveries_lease CHECK ((lease_owner IS NULL) = (lease_until IS NULL));
CREATE INDEX outbox_deliveries_due ON outbox_deliveries (next_retry_at) WHERE handled_at IS NULL;

ALTER TABLE provider_intents
  ADD CONSTRAINT provider_intents_provider CHECK (provider IN ('stripe', 'apple', 'google', 'wise')),
  ADD CONSTRAINT provider_intents_state CHECK (state IN ('pending', 'calling', 'unknown', 'succeeded', 'failed')),
  ADD CONSTRAINT provider_intents_settled CHECK ((settled_at IS NOT NULL) = (state IN ('succeeded', 'failed')));
CREATE INDEX provider_intents_open ON provider_intents (lease_until) WHERE settled_at IS NULL;
-- A customer starts one subscription at a time: concurrent requests cannot make two.
CREATE UNIQUE INDEX provider_intents_one_subscription ON provider_intents (customer_id)
  WHERE kind = 'subscription.create' AND settled_at IS NULL;

ALTER TABLE idempotency_keys
  ADD CONSTRAINT idempotency_keys_status CHECK (status IN ('running', 'completed')),
  ADD CONSTRAINT idempotency_keys_completed CHECK ((status = 'completed') = (response_status IS NOT NULL)),
  ADD CONSTRAINT idempotency_keys_lease CHECK ((status = 'running') = (lease_until IS NOT NULL)),
  ADD CONSTRAINT idempotency_keys_key CHECK (length(key) BETWEEN 1 AND 255);

ALTER TABLE audit_log
  ADD CONSTRAINT audit_log_actor CHECK (actor_type IN ('user', 'internal', 'cron', 'system'));

ALTER TABLE alerts
  ADD CONSTRAINT alerts_severity CHECK (severity IN ('info', 'warning', 'critical')),
  ADD CONSTRAINT alerts_count CHECK (count > 0);
CREATE UNIQUE INDEX alerts_open_cause ON alerts (cause_key) WHERE resolved_at IS NULL;

ALTER TABLE business_clock ADD CONSTRAINT business_clock_single CHECK (id = 1);

ALTER TABLE customers ADD CONSTRAINT customers_user_id CHECK (length(user_id) BETWEEN 1 AND 255);
ALTER TABLE customer_accounts
  ADD CONSTRAINT customer_accounts_provider CHECK (provider IN ('stripe', 'apple', 'google', 'wise'));

ALTER TABLE plans
  ADD CONSTRAINT plans_code CHECK (code ~ '^[A-Z][A-Z0-9_]{0,62}$'),
  ADD CONSTRAINT plans_days CHECK (trial_days BETWEEN 0 AND 730 AND grace_days BETWEEN 0 AND 90);
ALTER TABLE prices
  ADD CONSTRAINT prices_cycle CHECK (billing_cycle IN ('monthly', 'annual')),
  ADD CONSTRAINT prices_amount CHECK (amount >= 0),
  ADD CONSTRAINT prices_currency CHECK (currency ~ '^[A-Z]{3}$');
CREATE UNIQUE INDEX prices_active ON prices (plan_id, billing_cycle, currency) WHERE active;
ALTER TABLE features
  ADD CONSTRAINT features_type CHECK (type IN ('boolean', 'limit', 'metered')),
  ADD CONSTRAINT features_key CHECK (key ~ '^[a-z][a-z0-9_]{0,62}$');
ALTER TABLE plan_features ADD CONSTRAINT plan_features_limit CHECK ("limit" IS NULL OR "limit" >= 0);
ALTER TABLE catalog_mirrors ADD CONSTRAINT catalog_mirrors_type CHECK (object_type IN ('plan', 'price'));

ALTER TABLE subscriptions
  ADD CONSTRAINT subscriptions_provider CHECK (provider IN ('stripe', 'apple', 'google')),
  ADD CONSTRAINT subscriptions_status CHECK (status IN ('incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due', 'paused', 'unpaid', 'canceled')),
  ADD CONSTRAINT subscriptions_cycle CHECK (billing_cycle IN ('monthly', 'annual')),
  ADD CONSTRAINT subscriptions_quantity CHECK (quantity >= 0),
  ADD CONSTRAINT subscriptions_amount CHECK (amount >= 0),
  ADD CONSTRAINT subscriptions_currency CHECK (currency ~ '^[A-Z]{3}$'),
  ADD CONSTRAINT subscriptions_period CHECK (current_period_end >= current_period_start),
  ADD CONSTRAINT subscriptions_facts CHECK (fact_count > 0);
ALTER TABLE subscription_changes
  ADD CONSTRAINT subscription_changes_type CHECK (type IN ('created', 'activated', 'trial_started', 'upgraded', 'downgraded',
    'cycle_changed', 'quantity_changed', 'cancellation_scheduled', 'cancellation_revoked', 'canceled', 'expired', 'payment_failed', 'recovered',
    'paused', 'resumed', 'status_changed'));
ALTER TABLE invoices
  ADD CONSTRAINT invoices_status CHECK (status IN ('draft', 'open', 'paid', 'void', 'uncollectible')),
  ADD CONSTRAINT invoices_currency CHECK (currency ~ '^[A-Z]{3}$'),
  ADD CONSTRAINT invoices_amounts CHECK (amount_due >= 0 AND amount_paid >= 0 AND amount_refunded >= 0),
  ADD CONSTRAINT invoices_attempts CHECK (attempt_count >= 0),
  ADD CONSTRAINT invoices_facts CHECK (fact_count > 0);
ALTER TABLE payments
  ADD CONSTRAINT payments_status CHECK (status IN ('pending', 'requires_action', 'succeeded', 'failed', 'canceled')),
  ADD CONSTRAINT payments_currency CHECK (currency ~ '^[A-Z]{3}$'),
  ADD CONSTRAINT payments_amounts CHECK (amount >= 0 AND amount_refunded BETWEEN 0 AND amount),
  ADD CONSTRAINT payments_facts CHECK (fact_count > 0);

ALTER TABLE entitlement_grants
  ADD CONSTRAINT entitlement_grants_source CHECK (source IN ('stripe', 'apple', 'google', 'contract', 'pod', 'manual')),
  ADD CONSTRAINT entitlement_grants_limit CHECK ("limit" IS NULL OR "limit" >= 0);

ALTER TABLE ledger_accounts
  ADD CONSTRAINT ledger_accounts_type CHECK (type IN ('asset', 'liability', 'equity', 'income', 'expense')),
  ADD CONSTRAINT ledger_accounts_code CHECK (code ~ '^[a-z0-9_]+(\.[a-z0-9_]+)*$');
ALTER TABLE journal_entries
  ADD CONSTRAINT journal_entries_amount CHECK (amount <> 0),
  ADD CONSTRAINT journal_entries_currency CHECK (currency ~ '^[A-Z]{3}$'),
  ADD CONSTRAINT journal_entries_position CHECK (position >= 0);
ALTER TABLE journal_transactions ADD CONSTRAINT journal_transactions_not_itself CHECK (reverses_id <> id);

-- What must never change -------------------------------------------------------------------------------------------

CREATE FUNCTION kassa_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['facts', 'journal_transactions', 'journal_entries', 'audit_log', 'outbox_events'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION kassa_refuse_change()', t || '_append_only', t);
    EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION kassa_refuse_change()', t || '_no_truncate', t);
  END LOOP;
END $$;

CREATE FUNCTION kassa_price_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.id, NEW.plan_id, NEW.billing_cycle, NEW.amount, NEW.currency, NEW.lookup_key)
     IS DISTINCT FROM (OLD.id, OLD.plan_id, OLD.billing_cycle, OLD.amount, OLD.currency, OLD.lookup_key) THEN
    RAISE EXCEPTION 'a price is immutable: make a new one' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER prices_immutable BEFORE UPDATE ON prices FOR EACH ROW EXECUTE FUNCTION kassa_price_is_immutable();

-- The dedup key of a webhook and its raw body are evidence.
CREATE FUNCTION kassa_inbox_is_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.id, NEW.provider, NEW.event_id, NEW.raw_body, NEW.received_at)
     IS DISTINCT FROM (OLD.id, OLD.provider, OLD.event_id, OLD.raw_body, OLD.received_at) THEN
    RAISE EXCEPTION 'an inbox row keeps what was received' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER inbox_events_evidence BEFORE UPDATE ON inbox_events FOR EACH ROW EXECUTE FUNCTION kassa_inbox_is_evidence();

-- The books balance -------------------------------------------------------------------------------------------------

-- Deferred to COMMIT, so that entries may come in any order and in several statements.
CREATE FUNCTION kassa_journal_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  tid text := CASE TG_TABLE_NAME WHEN 'journal_transactions' THEN to_jsonb(NEW) ->> 'id' ELSE to_jsonb(NEW) ->> 'transaction_id' END;
  bad record;
BEGIN
  IF NOT EXISTS (SELECT FROM journal_entries WHERE transaction_id = tid) THEN
    RAISE EXCEPTION 'journal transaction % has no entries', tid USING ERRCODE = 'check_violation';
  END IF;
  SELECT currency, sum(amount) AS total INTO bad FROM journal_entries WHERE transaction_id = tid
    GROUP BY currency HAVING sum(amount) <> 0 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'journal transaction % is off by % %', tid, bad.total, bad.currency USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER journal_transactions_balance AFTER INSERT ON journal_transactions
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kassa_journal_balances();

-- Of each entry too: constraints set immediate and deferred again would else let one more slip in behind the check.
CREATE CONSTRAINT TRIGGER journal_entries_balance AFTER INSERT ON journal_entries
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kassa_journal_balances();

-- Entries are written in the database transaction of their journal transaction: a balanced pair slipped in later would
-- change history without breaking the sum.
CREATE FUNCTION kassa_entries_belong() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM journal_transactions WHERE id = NEW.transaction_id
                 AND xact_id = (pg_current_xact_id()::text)::bigint) THEN
    RAISE EXCEPTION 'journal transaction % is closed', NEW.transaction_id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
-- At the end of the statement, so that one statement may write both.
CREATE TRIGGER journal_entries_belong AFTER INSERT ON journal_entries FOR EACH ROW EXECUTE FUNCTION kassa_entries_belong();

-- The recorded transaction id is ours to say, not the writer's.
CREATE FUNCTION kassa_stamp_xact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.xact_id := (pg_current_xact_id()::text)::bigint;
  RETURN NEW;
END $$;
CREATE TRIGGER journal_transactions_stamp BEFORE INSERT ON journal_transactions FOR EACH ROW EXECUTE FUNCTION kassa_stamp_xact();
CREATE TRIGGER facts_stamp BEFORE INSERT ON facts FOR EACH ROW EXECUTE FUNCTION kassa_stamp_xact();

-- Row-level security -------------------------------------------------------------------------------------------------

-- A user's session names the user; his customer follows. Runs with the caller's rights: the policy on customers guards it.
CREATE FUNCTION kassa_customer_id() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT id FROM customers WHERE user_id = current_setting('app.user_id', true)
$$;

GRANT USAGE ON SCHEMA public TO kassa_service, kassa_user;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO kassa_service;

DO $$
DECLARE
  t text;
  append_only text[] := ARRAY['facts', 'journal_transactions', 'journal_entries', 'audit_log', 'outbox_events'];
  owned text[] := ARRAY['subscriptions', 'subscription_changes', 'invoices', 'payments', 'entitlement_grants'];
  catalog text[] := ARRAY['plans', 'prices', 'features', 'plan_features'];
BEGIN
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_prisma_migrations' LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY service_all ON %I TO kassa_service USING (true) WITH CHECK (true)', t);
    IF t = ANY (append_only) THEN
      EXECUTE format('GRANT SELECT, INSERT ON %I TO kassa_service', t);
    ELSE
      EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO kassa_service', t);
    END IF;
    IF t = ANY (owned) THEN
      EXECUTE format('GRANT SELECT ON %I TO kassa_user', t);
      EXECUTE format('CREATE POLICY own_rows ON %I FOR SELECT TO kassa_user USING (customer_id = (SELECT kassa_customer_id()))', t);
    ELSIF t = ANY (catalog) THEN
      EXECUTE format('GRANT SELECT ON %I TO kassa_user', t);
      EXECUTE format('CREATE POLICY readable ON %I FOR SELECT TO kassa_user USING (true)', t);
    END IF;
  END LOOP;
END $$;

-- A customer comes into being on his first write, in his own name.
GRANT SELECT, INSERT, UPDATE (email, updated_at) ON customers TO kassa_user;
CREATE POLICY own_read ON customers FOR SELECT TO kassa_user USING (user_id = current_setting('app.user_id', true));
CREATE POLICY own_update ON customers FOR UPDATE TO kassa_user USING (user_id = current_setting('app.user_id', true));
CREATE POLICY own_insert ON customers FOR INSERT TO kassa_user WITH CHECK (user_id = current_setting('app.user_id', true));


-- Readiness compares what is applied with what is shipped.
DO $$
BEGIN
  IF to_regclass('public._prisma_migrations') IS NOT NULL THEN
    GRANT SELECT ON _prisma_migrations TO kassa_service;
  END IF;
END $$;
