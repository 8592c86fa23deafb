-- What is known of a module beyond its bytes: limits as written (JSON), and the schemas it was
-- tried with when it was added.
ALTER TABLE modules ADD COLUMN limits TEXT NOT NULL DEFAULT '{}';
ALTER TABLE modules ADD COLUMN input_schema TEXT;
ALTER TABLE modules ADD COLUMN output_schema TEXT;
ALTER TABLE modules ADD COLUMN added_by TEXT NOT NULL DEFAULT '';

-- The history of what is active under a name; the highest `ordinal` holds. Without a digest the
-- name is inactive. `replaced` is what was active before.
CREATE TABLE activations (
    name TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    cause TEXT NOT NULL,
    version TEXT,
    digest TEXT,
    replaced TEXT,
    activated_by TEXT NOT NULL,
    activated_at BIGINT NOT NULL,
    PRIMARY KEY (name, ordinal)
);

-- Until now a bare name meant its newest version: that one is active.
INSERT INTO activations (name, ordinal, cause, version, digest, replaced, activated_by, activated_at)
SELECT m.name, 1, 'activated', m.version, m.digest, NULL, '', m.added_at
FROM modules m
WHERE NOT EXISTS (
    SELECT 1 FROM modules newer
    WHERE newer.name = m.name
      AND (newer.added_at > m.added_at OR (newer.added_at = m.added_at AND newer.version > m.version))
);

-- Where an activation could not be followed, and why.
CREATE TABLE refusals (
    name TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    sync_name TEXT NOT NULL,
    stream TEXT NOT NULL,
    code TEXT NOT NULL,
    reason TEXT NOT NULL,
    refused_at BIGINT NOT NULL,
    PRIMARY KEY (name, ordinal, sync_name, stream)
);

-- The modules a batch is transformed with under a version of its spec, in order. `activation` is
-- the one a module was chosen by; NULL where the spec names it by version or digest.
CREATE TABLE pins (
    batch TEXT NOT NULL,
    version BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    run TEXT NOT NULL,
    stream TEXT NOT NULL,
    module TEXT NOT NULL,
    digest TEXT NOT NULL,
    activation BIGINT,
    pinned_at BIGINT NOT NULL,
    PRIMARY KEY (batch, version, ordinal)
);
CREATE INDEX pins_by_stream ON pins (run, stream, version, pinned_at);
