#!/bin/sh
# Runs once, when the data folder is made: the same two logins as in development. The owner migrates and makes the session
# roles; the service's login has no right of its own.
set -eu
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d postgres \
  -v owner_password="$KASSA_OWNER_PASSWORD" -v app_password="$KASSA_APP_PASSWORD" <<'SQL'
CREATE ROLE kassa_owner LOGIN CREATEROLE PASSWORD :'owner_password';
CREATE ROLE kassa_app LOGIN PASSWORD :'app_password';
CREATE DATABASE kassa OWNER kassa_owner;
SQL
