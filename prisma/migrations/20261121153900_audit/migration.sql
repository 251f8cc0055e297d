-- Who did what, found again; people who are erased; the books read as one stream.
ALTER TABLE "audit_log" ADD COLUMN "address_hash" TEXT;
ALTER TABLE "customers" ADD COLUMN "erased_at" TIMESTAMPTZ;

CREATE TABLE "erased_aggregates" (
    "aggregate" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "erased_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "erased_aggregates_pkey" PRIMARY KEY ("aggregate")
);

DROP INDEX "audit_log_at_idx";
DROP INDEX "audit_log_object_type_object_id_idx";
DROP INDEX "journal_transactions_ts_idx";
CREATE INDEX "audit_log_at_id_idx" ON "audit_log"("at", "id");
CREATE INDEX "audit_log_actor_id_at_id_idx" ON "audit_log"("actor_id", "at", "id");
CREATE INDEX "audit_log_action_at_id_idx" ON "audit_log"("action", "at", "id");
CREATE INDEX "audit_log_customer_id_at_id_idx" ON "audit_log"("customer_id", "at", "id");
CREATE INDEX "audit_log_object_type_object_id_at_id_idx" ON "audit_log"("object_type", "object_id", "at", "id");
CREATE INDEX "journal_transactions_ts_id_idx" ON "journal_transactions"("ts", "id");
CREATE INDEX "facts_occurred_at_id_idx" ON "facts"("occurred_at", "id");
CREATE INDEX "erased_aggregates_customer_id_idx" ON "erased_aggregates"("customer_id");

ALTER TABLE "erased_aggregates" ADD CONSTRAINT "erased_aggregates_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma's schema cannot say -----------------------------------------------------------------------------------

-- 32 bytes in base64url: no address in clear fits.
ALTER TABLE audit_log ADD CONSTRAINT audit_log_address CHECK (address_hash ~ '^[A-Za-z0-9_-]{43}$');
-- Who is erased has neither an e-mail nor an identity left.
ALTER TABLE customers ADD CONSTRAINT customers_erased
  CHECK (erased_at IS NULL OR (email IS NULL AND user_id = 'erased:' || id));

-- An entry never changes, but for the name of who acted, once he is erased: then it is his pseudonym.
CREATE FUNCTION kassa_audit_is_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'actor_id' = to_jsonb(OLD) - 'actor_id'
     AND EXISTS (SELECT FROM customers WHERE user_id = NEW.actor_id AND erased_at IS NOT NULL) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
DROP TRIGGER audit_log_append_only ON audit_log;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
  FOR EACH ROW EXECUTE FUNCTION kassa_audit_is_evidence();
GRANT UPDATE (actor_id) ON audit_log TO kassa_service;

-- The key of a decision names who asked, by his user id: that becomes his pseudonym too, and nothing else of it changes.
CREATE FUNCTION kassa_decision_is_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'dedupe_key' = to_jsonb(OLD) - 'dedupe_key'
     AND EXISTS (SELECT FROM customers WHERE id = OLD.customer_id AND erased_at IS NOT NULL) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
DROP TRIGGER fraud_decisions_append_only ON fraud_decisions;
CREATE TRIGGER fraud_decisions_append_only BEFORE UPDATE OR DELETE ON fraud_decisions
  FOR EACH ROW EXECUTE FUNCTION kassa_decision_is_evidence();
GRANT UPDATE (dedupe_key) ON fraud_decisions TO kassa_service;

-- A body leaves the row for the archive, byte for byte, or for good where its person is erased.
CREATE OR REPLACE FUNCTION kassa_inbox_is_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'an inbox row is kept for good' USING ERRCODE = 'restrict_violation';
  END IF;
  IF (NEW.id, NEW.provider, NEW.event_id, NEW.received_at) IS DISTINCT FROM (OLD.id, OLD.provider, OLD.event_id, OLD.received_at) THEN
    RAISE EXCEPTION 'an inbox row keeps what was received' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.raw_body IS DISTINCT FROM OLD.raw_body AND NOT (NEW.raw_body IS NULL AND (
       EXISTS (SELECT FROM kassa_archive.inbox_bodies b
         WHERE b.received_at = OLD.received_at AND b.id = OLD.id AND b.raw_body = OLD.raw_body)
       OR EXISTS (SELECT FROM erased_aggregates x WHERE x.aggregate = OLD.aggregate))) THEN
    RAISE EXCEPTION 'an inbox row keeps its body until the archive has it' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION kassa_archive_is_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND EXISTS (SELECT FROM inbox_events e JOIN erased_aggregates x ON x.aggregate = e.aggregate
                                  WHERE e.id = OLD.id) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
DROP TRIGGER inbox_bodies_append_only ON kassa_archive.inbox_bodies;
CREATE TRIGGER inbox_bodies_append_only BEFORE UPDATE OR DELETE ON kassa_archive.inbox_bodies
  FOR EACH ROW EXECUTE FUNCTION kassa_archive_is_evidence();
GRANT DELETE ON kassa_archive.inbox_bodies TO kassa_service;

-- Nobody is unerased.
CREATE TRIGGER erased_aggregates_append_only BEFORE UPDATE OR DELETE ON erased_aggregates
  FOR EACH ROW EXECUTE FUNCTION kassa_refuse_change();
CREATE TRIGGER erased_aggregates_no_truncate BEFORE TRUNCATE ON erased_aggregates
  FOR EACH STATEMENT EXECUTE FUNCTION kassa_refuse_change();
ALTER TABLE erased_aggregates ENABLE ROW LEVEL SECURITY;
ALTER TABLE erased_aggregates FORCE ROW LEVEL SECURITY;
CREATE POLICY service_all ON erased_aggregates TO kassa_service USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON erased_aggregates TO kassa_service;
