-- Tickets with a time by which they are due, what they are about, and what was written about them.
ALTER TABLE "payment_support_tickets" ADD COLUMN "invoice_id" TEXT;
ALTER TABLE "payment_support_tickets" ADD COLUMN "subscription_id" TEXT;
ALTER TABLE "payment_support_tickets" ADD COLUMN "due_by" TIMESTAMPTZ;
-- The default is for processes of the release before, which may still run beside us and do not know the column.
ALTER TABLE "payment_support_tickets" ADD COLUMN "due_at" TIMESTAMPTZ NOT NULL DEFAULT (now() + '72:00:00'::interval);
ALTER TABLE "payment_support_tickets" ADD COLUMN "breached_at" TIMESTAMPTZ;
ALTER TABLE "payment_support_tickets" ADD COLUMN "retry_ref" TEXT;

CREATE TABLE "support_ticket_notes" (
    "id" TEXT NOT NULL,
    "ticket_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "author_type" TEXT NOT NULL,
    "author_id" TEXT,
    "text" TEXT,

    CONSTRAINT "support_ticket_notes_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "payment_support_tickets_created_at_id_idx" ON "payment_support_tickets"("created_at", "id");
CREATE INDEX "payment_support_tickets_invoice_id_idx" ON "payment_support_tickets"("invoice_id");
CREATE INDEX "support_ticket_notes_ticket_id_at_id_idx" ON "support_ticket_notes"("ticket_id", "at", "id");

ALTER TABLE "payment_support_tickets" ADD CONSTRAINT "payment_support_tickets_invoice_id_fkey" FOREIGN KEY ("invoice_id") REFERENCES "invoices"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "payment_support_tickets" ADD CONSTRAINT "payment_support_tickets_subscription_id_fkey" FOREIGN KEY ("subscription_id") REFERENCES "subscriptions"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "support_ticket_notes" ADD CONSTRAINT "support_ticket_notes_ticket_id_fkey" FOREIGN KEY ("ticket_id") REFERENCES "payment_support_tickets"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------
-- From here on by hand: what Prisma's schema cannot say.
-- ---------------------------------------------------------------------------------------------------------------

-- What there is already is due as if it were opened under the policy; nobody is told of what was late before there was one.
-- The policies bind even the owner, who has none.
ALTER TABLE payment_support_tickets NO FORCE ROW LEVEL SECURITY;
UPDATE payment_support_tickets SET due_at = created_at + CASE priority WHEN 'urgent' THEN interval '4 hours'
  WHEN 'high' THEN interval '24 hours' WHEN 'normal' THEN interval '72 hours' ELSE interval '168 hours' END;
UPDATE payment_support_tickets SET breached_at = now() WHERE status <> 'resolved' AND due_at <= now();
ALTER TABLE payment_support_tickets FORCE ROW LEVEL SECURITY;

ALTER TABLE payment_support_tickets
  DROP CONSTRAINT payment_support_tickets_status,
  ADD CONSTRAINT payment_support_tickets_status CHECK (status IN ('open', 'investigating', 'retrying', 'resolved')),
  -- What decides the end of a retry is known for as long as it is under way.
  ADD CONSTRAINT payment_support_tickets_retry CHECK ((status = 'retrying') = (retry_ref IS NOT NULL)),
  ADD CONSTRAINT payment_support_tickets_due CHECK (due_by IS NULL OR due_at <= due_by);

-- Whatever is being retried; whatever is not yet late; what somebody has before him.
CREATE INDEX payment_support_tickets_retrying ON payment_support_tickets (id) WHERE status = 'retrying';
CREATE INDEX payment_support_tickets_next_due ON payment_support_tickets (due_at, id) WHERE status <> 'resolved' AND breached_at IS NULL;
CREATE INDEX payment_support_tickets_due_of_all ON payment_support_tickets (due_at) WHERE status <> 'resolved';
CREATE INDEX payment_support_tickets_of_assignee ON payment_support_tickets (assignee_id, created_at, id) WHERE assignee_id IS NOT NULL;

ALTER TABLE support_ticket_notes
  ADD CONSTRAINT support_ticket_notes_author CHECK ((author_type = 'user' AND author_id IS NOT NULL) OR (author_type = 'system' AND author_id IS NULL)),
  ADD CONSTRAINT support_ticket_notes_text CHECK (length(text) BETWEEN 1 AND 4000);

-- A note never changes, but for what the erasure of a person takes: its text, where the ticket is about him (null from then
-- on), and its author's name, once he is a pseudonym.
CREATE FUNCTION kassa_note_is_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - ARRAY['text', 'author_id'] = to_jsonb(OLD) - ARRAY['text', 'author_id']
     AND (NEW.text IS NOT DISTINCT FROM OLD.text OR (NEW.text IS NULL AND EXISTS (
       SELECT FROM payment_support_tickets k JOIN customers c ON c.id = k.customer_id
       WHERE k.id = OLD.ticket_id AND c.erased_at IS NOT NULL)))
     AND (NEW.author_id IS NOT DISTINCT FROM OLD.author_id OR EXISTS (
       SELECT FROM customers WHERE user_id = NEW.author_id AND erased_at IS NOT NULL)) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER support_ticket_notes_append_only BEFORE UPDATE OR DELETE ON support_ticket_notes
  FOR EACH ROW EXECUTE FUNCTION kassa_note_is_evidence();
CREATE TRIGGER support_ticket_notes_no_truncate BEFORE TRUNCATE ON support_ticket_notes
  FOR EACH STATEMENT EXECUTE FUNCTION kassa_refuse_change();

ALTER TABLE support_ticket_notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE support_ticket_notes FORCE ROW LEVEL SECURITY;
CREATE POLICY service_all ON support_ticket_notes TO kassa_service USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON support_ticket_notes TO kassa_service;
GRANT UPDATE (text, author_id) ON support_ticket_notes TO kassa_service;
