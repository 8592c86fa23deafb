-- `ordinal` is the order signals came in.
CREATE TABLE signals (
    signal TEXT NOT NULL PRIMARY KEY,
    ordinal BIGINT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    severity TEXT NOT NULL,
    sync_name TEXT NOT NULL,
    stream TEXT,
    run TEXT,
    summary TEXT NOT NULL,
    raised_at BIGINT NOT NULL
);
CREATE INDEX signals_by_time ON signals (raised_at, ordinal);

CREATE TABLE notes (
    name TEXT NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL,
    body TEXT NOT NULL
);

CREATE TABLE modules (
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    digest TEXT NOT NULL,
    world TEXT NOT NULL,
    byte_count BIGINT NOT NULL,
    module_key TEXT NOT NULL,
    artifact_key TEXT NOT NULL,
    artifact_digest TEXT NOT NULL,
    engine TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (name, version)
);
CREATE INDEX modules_by_digest ON modules (digest);
