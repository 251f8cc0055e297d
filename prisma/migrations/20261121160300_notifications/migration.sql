-- How people are told of what happened: what they want, where they are reached, and each message on its way.

CREATE TABLE "notification_settings" (
    "customer_id" TEXT NOT NULL,
    "locale" TEXT,
    "time_zone" TEXT,
    "quiet_from" TEXT,
    "quiet_to" TEXT,
    "bounced_address" TEXT,
    "bounced_at" TIMESTAMPTZ,
    "bounced_reason" TEXT,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "notification_settings_pkey" PRIMARY KEY ("customer_id")
);

CREATE TABLE "notification_preferences" (
    "customer_id" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "notification_preferences_pkey" PRIMARY KEY ("customer_id", "topic", "channel")
);

CREATE TABLE "notification_devices" (
    "id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "token" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "disabled_at" TIMESTAMPTZ,
    "disabled_reason" TEXT,

    CONSTRAINT "notification_devices_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "notifications" (
    "id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "template" TEXT NOT NULL,
    "cause_key" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "invoice_id" TEXT,
    "figures" JSONB NOT NULL,
    "occurred_at" TIMESTAMPTZ NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "status" TEXT NOT NULL,
    "not_before" TIMESTAMPTZ,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_try_at" TIMESTAMPTZ NOT NULL,
    "lease_owner" TEXT,
    "lease_until" TIMESTAMPTZ,
    "error_class" TEXT,
    "error_code" TEXT,
    "settled_at" TIMESTAMPTZ,
    "title" TEXT,
    "body" TEXT,
    "read_at" TIMESTAMPTZ,

    CONSTRAINT "notifications_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "notification_pushes" (
    "notification_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "ticket_id" TEXT,
    "status" TEXT NOT NULL,
    "error_code" TEXT,
    "sent_at" TIMESTAMPTZ NOT NULL,
    "settled_at" TIMESTAMPTZ,

    CONSTRAINT "notification_pushes_pkey" PRIMARY KEY ("notification_id", "device_id")
);

CREATE TABLE "mail_outbox" (
    "id" TEXT NOT NULL,
    "notification_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "recipient" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "html" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "mail_outbox_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "notification_devices_token_key" ON "notification_devices"("token");
CREATE INDEX "notification_devices_customer_id_idx" ON "notification_devices"("customer_id");
CREATE UNIQUE INDEX "notifications_customer_id_cause_key_channel_key" ON "notifications"("customer_id", "cause_key", "channel");
CREATE INDEX "notifications_invoice_id_idx" ON "notifications"("invoice_id");
CREATE INDEX "notification_pushes_device_id_idx" ON "notification_pushes"("device_id");
CREATE UNIQUE INDEX "mail_outbox_notification_id_key" ON "mail_outbox"("notification_id");
CREATE INDEX "mail_outbox_customer_id_idx" ON "mail_outbox"("customer_id");
CREATE INDEX "mail_outbox_created_at_id_idx" ON "mail_outbox"("created_at", "id");

ALTER TABLE "notification_settings" ADD CONSTRAINT "notification_settings_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "notification_preferences" ADD CONSTRAINT "notification_preferences_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "notification_devices" ADD CONSTRAINT "notification_devices_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_invoice_id_fkey" FOREIGN KEY ("invoice_id") REFERENCES "invoices"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "notification_pushes" ADD CONSTRAINT "notification_pushes_notification_id_fkey" FOREIGN KEY ("notification_id") REFERENCES "notifications"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "notification_pushes" ADD CONSTRAINT "notification_pushes_device_id_fkey" FOREIGN KEY ("device_id") REFERENCES "notification_devices"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "mail_outbox" ADD CONSTRAINT "mail_outbox_notification_id_fkey" FOREIGN KEY ("notification_id") REFERENCES "notifications"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "mail_outbox" ADD CONSTRAINT "mail_outbox_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma's schema cannot say -----------------------------------------------------------------------------------

ALTER TABLE notification_settings
  ADD CONSTRAINT notification_settings_locale CHECK (locale ~ '^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$' AND length(locale) <= 35),
  ADD CONSTRAINT notification_settings_zone CHECK (time_zone ~ '^[A-Za-z0-9_+/-]{1,64}$'),
  ADD CONSTRAINT notification_settings_quiet CHECK ((quiet_from IS NULL) = (quiet_to IS NULL) AND quiet_from <> quiet_to
    AND quiet_from ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$' AND quiet_to ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
  ADD CONSTRAINT notification_settings_bounced CHECK ((bounced_at IS NULL) = (bounced_address IS NULL)
    AND (bounced_at IS NULL) = (bounced_reason IS NULL));

ALTER TABLE notification_preferences
  ADD CONSTRAINT notification_preferences_channel CHECK (channel IN ('email', 'push', 'in_app')),
  ADD CONSTRAINT notification_preferences_topic CHECK (topic ~ '^[a-z][a-z_]{0,62}$');

ALTER TABLE notification_devices
  ADD CONSTRAINT notification_devices_token CHECK (length(token) BETWEEN 1 AND 255),
  ADD CONSTRAINT notification_devices_disabled CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL));

ALTER TABLE notifications
  ADD CONSTRAINT notifications_channel CHECK (channel IN ('email', 'push', 'in_app')),
  ADD CONSTRAINT notifications_status CHECK (status IN ('pending', 'sent', 'skipped', 'failed')),
  ADD CONSTRAINT notifications_settled CHECK ((status = 'pending') = (settled_at IS NULL)),
  ADD CONSTRAINT notifications_lease CHECK ((lease_owner IS NULL) = (lease_until IS NULL)),
  ADD CONSTRAINT notifications_attempts CHECK (attempts >= 0),
  ADD CONSTRAINT notifications_figures CHECK (jsonb_typeof(figures) = 'object'),
  -- Only what stands in a person's own list keeps its words.
  ADD CONSTRAINT notifications_words CHECK ((title IS NULL) = (body IS NULL) AND (title IS NULL OR channel = 'in_app')),
  ADD CONSTRAINT notifications_read CHECK (read_at IS NULL OR channel = 'in_app');

ALTER TABLE notification_pushes
  ADD CONSTRAINT notification_pushes_status CHECK (status IN ('sent', 'delivered', 'failed')),
  ADD CONSTRAINT notification_pushes_settled CHECK ((status = 'sent') = (settled_at IS NULL)),
  ADD CONSTRAINT notification_pushes_ticket CHECK (status = 'failed' OR ticket_id IS NOT NULL);

CREATE INDEX notifications_due ON notifications (next_try_at) WHERE settled_at IS NULL;
CREATE INDEX notifications_listed ON notifications (customer_id, created_at, id) WHERE channel = 'in_app' AND status = 'sent';
CREATE INDEX notifications_old ON notifications (created_at) WHERE settled_at IS NOT NULL;
CREATE INDEX notification_pushes_open ON notification_pushes (sent_at) WHERE status = 'sent';
-- Trials about to end, in the order of their ends.
CREATE INDEX subscriptions_trials ON subscriptions (trial_ends_at, id) WHERE status = 'trialing' AND trial_ends_at IS NOT NULL;

-- Row-level security ------------------------------------------------------------------------------------------------

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['notification_settings', 'notification_preferences', 'notification_devices', 'notifications',
    'notification_pushes', 'mail_outbox'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY service_all ON %I TO kassa_service USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO kassa_service', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['notification_settings', 'notification_preferences', 'notifications'] LOOP
    EXECUTE format('GRANT SELECT ON %I TO kassa_user', t);
    EXECUTE format('CREATE POLICY own_rows ON %I FOR SELECT TO kassa_user USING (customer_id = (SELECT kassa_customer_id()))', t);
  END LOOP;
END $$;
