-- DropIndex
DROP INDEX "entitlement_grants_customer_id_idx";

-- DropIndex
DROP INDEX "payment_support_tickets_customer_id_idx";

-- CreateIndex
CREATE INDEX "subscription_changes_customer_id_at_idx" ON "subscription_changes"("customer_id", "at");

-- CreateIndex
CREATE INDEX "customers_created_at_id_idx" ON "customers"("created_at", "id");

-- CreateIndex
CREATE INDEX "entitlement_grants_customer_id_created_at_idx" ON "entitlement_grants"("customer_id", "created_at");

-- CreateIndex
CREATE INDEX "journal_transactions_customer_id_type_ts_idx" ON "journal_transactions"("customer_id", "type", "ts");

-- CreateIndex
CREATE INDEX "outbox_events_customer_id_id_idx" ON "outbox_events"("customer_id", "id");

-- CreateIndex
CREATE INDEX "payment_support_tickets_customer_id_created_at_idx" ON "payment_support_tickets"("customer_id", "created_at");

-- ---------------------------------------------------------------------------------------------------------------
-- From here on by hand: what Prisma's schema cannot say.
-- ---------------------------------------------------------------------------------------------------------------

-- Finding a customer ----------------------------------------------------------------------------------------------

-- By bytes, whatever the database's locale: a prefix is then a range.
CREATE INDEX customers_email_lower ON customers ((lower(email) COLLATE "C"));
CREATE INDEX invoices_number ON invoices (number) WHERE number IS NOT NULL;

-- One customer's life, newest first: each kind of entry is read from the end of its own index -------------------------

CREATE INDEX invoices_finalized_of ON invoices (customer_id, finalized_at) WHERE finalized_at IS NOT NULL;
CREATE INDEX invoices_paid_of ON invoices (customer_id, paid_at) WHERE paid_at IS NOT NULL;
CREATE INDEX invoices_failed_of ON invoices (customer_id, first_failed_at) WHERE first_failed_at IS NOT NULL;
CREATE INDEX entitlement_grants_revoked_of ON entitlement_grants (customer_id, revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX payment_support_tickets_resolved_of ON payment_support_tickets (customer_id, resolved_at) WHERE resolved_at IS NOT NULL;
-- Without the readings of his page: they would bury what was done.
CREATE INDEX audit_log_deeds_of ON audit_log (customer_id, at) WHERE customer_id IS NOT NULL AND action <> 'customer.read';
CREATE INDEX inbox_events_failed_of ON inbox_events (aggregate, occurred_at) WHERE status = 'failed';
