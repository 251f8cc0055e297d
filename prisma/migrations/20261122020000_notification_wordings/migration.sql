-- Words of an operator's own in the place of built-in ones: each version stays, so that what was said can be looked up.

CREATE TABLE "notification_wordings" (
    "id" TEXT NOT NULL,
    "template" TEXT NOT NULL,
    "locale" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "wording" JSONB,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "notification_wordings_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "notification_wordings_template_locale_version_key" ON "notification_wordings"("template", "locale", "version");

-- What Prisma's schema cannot say -----------------------------------------------------------------------------------

ALTER TABLE notification_wordings
  ADD CONSTRAINT notification_wordings_template CHECK (template ~ '^[a-z][a-z_]{0,62}$'),
  ADD CONSTRAINT notification_wordings_locale CHECK (locale ~ '^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$' AND length(locale) <= 35),
  ADD CONSTRAINT notification_wordings_version CHECK (version >= 1),
  -- Null: the built-in words from then on.
  ADD CONSTRAINT notification_wordings_wording CHECK (jsonb_typeof(wording) = 'object');

CREATE TRIGGER notification_wordings_append_only BEFORE UPDATE OR DELETE ON notification_wordings
  FOR EACH ROW EXECUTE FUNCTION kassa_refuse_change();
CREATE TRIGGER notification_wordings_no_truncate BEFORE TRUNCATE ON notification_wordings
  FOR EACH STATEMENT EXECUTE FUNCTION kassa_refuse_change();

ALTER TABLE notification_wordings ENABLE ROW LEVEL SECURITY;
ALTER TABLE notification_wordings FORCE ROW LEVEL SECURITY;
CREATE POLICY service_all ON notification_wordings TO kassa_service USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON notification_wordings TO kassa_service;
