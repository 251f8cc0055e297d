-- DropIndex
DROP INDEX "customer_accounts_customer_id_provider_key";

-- DropIndex
DROP INDEX "inbox_events_aggregate_idx";

-- AlterTable
ALTER TABLE "inbox_events" ADD COLUMN     "archived_at" TIMESTAMPTZ,
ADD COLUMN     "ignored_for" TEXT,
ADD COLUMN     "replay_count" INTEGER NOT NULL DEFAULT 0,
ALTER COLUMN "raw_body" DROP NOT NULL;

-- CreateTable
CREATE TABLE "sweep_cursors" (
    "name" TEXT NOT NULL,
    "position" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "sweep_cursors_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "payment_support_tickets" (
    "id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "priority" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "cause_key" TEXT NOT NULL,
    "summary" TEXT NOT NULL,
    "details" JSONB NOT NULL,
    "event_id" TEXT,
    "customer_id" TEXT,
    "payment_id" TEXT,
    "assignee_id" TEXT,
    "resolution" TEXT,
    "note" TEXT,
    "resolved_by" TEXT,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "resolved_at" TIMESTAMPTZ,

    CONSTRAINT "payment_support_tickets_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "customer_accounts_customer_id_provider_created_at_idx" ON "customer_accounts"("customer_id", "provider", "created_at");

-- CreateIndex
CREATE INDEX "payment_support_tickets_status_created_at_id_idx" ON "payment_support_tickets"("status", "created_at", "id");

-- CreateIndex
CREATE INDEX "payment_support_tickets_cause_key_idx" ON "payment_support_tickets"("cause_key");

-- CreateIndex
CREATE INDEX "payment_support_tickets_event_id_idx" ON "payment_support_tickets"("event_id");

-- CreateIndex
CREATE INDEX "payment_support_tickets_customer_id_idx" ON "payment_support_tickets"("customer_id");

-- AddForeignKey
ALTER TABLE "payment_support_tickets" ADD CONSTRAINT "payment_support_tickets_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "inbox_events"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "payment_support_tickets" ADD CONSTRAINT "payment_support_tickets_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "payment_support_tickets" ADD CONSTRAINT "payment_support_tickets_payment_id_fkey" FOREIGN KEY ("payment_id") REFERENCES "payments"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------
-- From here on by hand: what Prisma's schema cannot say.
-- ---------------------------------------------------------------------------------------------------------------

-- The inbox -----------------------------------------------------------------------------------------------------

ALTER TABLE inbox_events
  ADD CONSTRAINT inbox_events_body CHECK ((raw_body IS NULL) = (archived_at IS NOT NULL)),
  ADD CONSTRAINT inbox_events_ignored CHECK (ignored_for IS NULL OR status = 'ignored'),
  ADD CONSTRAINT inbox_events_replays CHECK (replay_count >= 0);

-- lz4 costs a fifth of pglz; a server built without it keeps its own.
DO $$
BEGIN
  ALTER TABLE inbox_events ALTER COLUMN raw_body SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN NULL;
END $$;

-- What was ignored for want of a link to a customer of ours is taken up again when the link is made.
CREATE INDEX inbox_events_unlinked ON inbox_events (aggregate) WHERE ignored_for = 'foreign';
-- What operators look for first.
CREATE INDEX inbox_events_trouble ON inbox_events (received_at, id) WHERE status IN ('failed', 'retrying');
CREATE INDEX inbox_events_to_archive ON inbox_events (handled_at) WHERE handled_at IS NOT NULL AND raw_body IS NOT NULL;

-- Bodies of handled rows, by month of receipt. The keys stay in inbox_events for good; only these are let go, a month at a time.
CREATE SCHEMA kassa_archive;
CREATE TABLE kassa_archive.inbox_bodies (
  id TEXT NOT NULL,
  received_at TIMESTAMPTZ NOT NULL,
  raw_body BYTEA NOT NULL,
  PRIMARY KEY (received_at, id)
) PARTITION BY RANGE (received_at);
CREATE TRIGGER inbox_bodies_append_only BEFORE UPDATE OR DELETE ON kassa_archive.inbox_bodies
  FOR EACH ROW EXECUTE FUNCTION kassa_refuse_change();
ALTER TABLE kassa_archive.inbox_bodies ENABLE ROW LEVEL SECURITY;
ALTER TABLE kassa_archive.inbox_bodies FORCE ROW LEVEL SECURITY;
CREATE POLICY service_all ON kassa_archive.inbox_bodies TO kassa_service USING (true) WITH CHECK (true);
GRANT USAGE ON SCHEMA kassa_archive TO kassa_service;
GRANT SELECT, INSERT ON kassa_archive.inbox_bodies TO kassa_service;

-- The service may not make or drop tables; these two do it for it, and nothing else.
CREATE FUNCTION kassa_archive.prepare(received TIMESTAMPTZ) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  month timestamp := date_trunc('month', received AT TIME ZONE 'UTC');
  part text := 'inbox_bodies_' || to_char(month, 'YYYYMM');
BEGIN
  IF to_regclass('kassa_archive.' || part) IS NOT NULL THEN RETURN; END IF;
  EXECUTE format('CREATE TABLE kassa_archive.%I PARTITION OF kassa_archive.inbox_bodies FOR VALUES FROM (%L) TO (%L)',
    part, month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
  EXECUTE format('ALTER TABLE kassa_archive.%I ENABLE ROW LEVEL SECURITY', part);
  EXECUTE format('ALTER TABLE kassa_archive.%I FORCE ROW LEVEL SECURITY', part);
EXCEPTION WHEN duplicate_table THEN NULL;
END $$;

-- @returns the names of the months let go. A month that is not over for another month is never one of them.
CREATE FUNCTION kassa_archive.forget_before(cutoff TIMESTAMPTZ) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  part text;
  last_kept text := to_char(least(cutoff, now() - interval '1 month') AT TIME ZONE 'UTC', 'YYYYMM');
BEGIN
  FOR part IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'kassa_archive.inbox_bodies'::regclass ORDER BY 1
  LOOP
    IF right(part, 6) < last_kept THEN
      EXECUTE format('DROP TABLE kassa_archive.%I', part);
      RETURN NEXT right(part, 6);
    END IF;
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION kassa_archive.prepare(TIMESTAMPTZ), kassa_archive.forget_before(TIMESTAMPTZ) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kassa_archive.prepare(TIMESTAMPTZ), kassa_archive.forget_before(TIMESTAMPTZ) TO kassa_service;

-- A body leaves the row only for the archive, byte for byte. As a column's trigger, so that work on the row costs nothing.
CREATE OR REPLACE FUNCTION kassa_inbox_is_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'an inbox row is kept for good' USING ERRCODE = 'restrict_violation';
  END IF;
  IF (NEW.id, NEW.provider, NEW.event_id, NEW.received_at) IS DISTINCT FROM (OLD.id, OLD.provider, OLD.event_id, OLD.received_at) THEN
    RAISE EXCEPTION 'an inbox row keeps what was received' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.raw_body IS DISTINCT FROM OLD.raw_body AND NOT (NEW.raw_body IS NULL AND EXISTS (
       SELECT FROM kassa_archive.inbox_bodies b
       WHERE b.received_at = OLD.received_at AND b.id = OLD.id AND b.raw_body = OLD.raw_body)) THEN
    RAISE EXCEPTION 'an inbox row keeps its body until the archive has it' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
DROP TRIGGER inbox_events_evidence ON inbox_events;
CREATE TRIGGER inbox_events_evidence BEFORE UPDATE OF id, provider, event_id, received_at, raw_body ON inbox_events
  FOR EACH ROW EXECUTE FUNCTION kassa_inbox_is_evidence();
CREATE TRIGGER inbox_events_kept BEFORE DELETE ON inbox_events FOR EACH ROW EXECUTE FUNCTION kassa_inbox_is_evidence();
CREATE TRIGGER inbox_events_no_truncate BEFORE TRUNCATE ON inbox_events FOR EACH STATEMENT EXECUTE FUNCTION kassa_refuse_change();
REVOKE DELETE ON inbox_events FROM kassa_service;

-- Support tickets -------------------------------------------------------------------------------------------------

ALTER TABLE payment_support_tickets
  ADD CONSTRAINT payment_support_tickets_type CHECK (type IN ('webhook_failure', 'payment_failure', 'other')),
  ADD CONSTRAINT payment_support_tickets_priority CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
  ADD CONSTRAINT payment_support_tickets_status CHECK (status IN ('open', 'investigating', 'resolved')),
  ADD CONSTRAINT payment_support_tickets_resolution CHECK (resolution IN ('manual', 'auto_retry')),
  ADD CONSTRAINT payment_support_tickets_resolved CHECK ((status = 'resolved') = (resolved_at IS NOT NULL)
    AND (status = 'resolved') = (resolution IS NOT NULL));
CREATE UNIQUE INDEX payment_support_tickets_open_cause ON payment_support_tickets (cause_key) WHERE status <> 'resolved';

-- The stalest of what may still change at the provider ------------------------------------------------------------

CREATE INDEX subscriptions_stalest ON subscriptions (provider, COALESCE(verified_at, '-infinity'::timestamptz))
  WHERE status NOT IN ('canceled', 'incomplete_expired');
CREATE INDEX subscriptions_changeable ON subscriptions (provider, created_at) WHERE status NOT IN ('canceled', 'incomplete_expired');
CREATE INDEX invoices_stalest ON invoices (provider, COALESCE(verified_at, '-infinity'::timestamptz))
  WHERE status IN ('draft', 'open');
CREATE INDEX payments_stalest ON payments (provider, COALESCE(verified_at, '-infinity'::timestamptz))
  WHERE status IN ('pending', 'requires_action');

-- Row-level security ------------------------------------------------------------------------------------------------

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['sweep_cursors', 'payment_support_tickets'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY service_all ON %I TO kassa_service USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO kassa_service', t);
  END LOOP;
END $$;
