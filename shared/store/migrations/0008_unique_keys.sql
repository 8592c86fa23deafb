-- Fingerprints of keys as PostgreSQL keeps them: one row each, with the batch that had it first.
-- SQLite keeps them in segments of pages instead, and leaves this table empty.
CREATE TABLE unique_keys (
    scope BIGINT NOT NULL,
    fingerprint BYTEA NOT NULL,
    owner BIGINT NOT NULL,
    PRIMARY KEY (scope, fingerprint)
);
