CREATE TABLE batches (
    batch TEXT NOT NULL PRIMARY KEY,
    run TEXT NOT NULL,
    stream TEXT NOT NULL,
    lane TEXT NOT NULL REFERENCES lanes (lane),
    sequence BIGINT NOT NULL,
    source_position TEXT NOT NULL,
    raw_key TEXT NOT NULL,
    raw_digest TEXT NOT NULL,
    raw_bytes BIGINT NOT NULL,
    raw_rows BIGINT NOT NULL,
    raw_kept BOOLEAN NOT NULL,
    rejected BIGINT NOT NULL,
    staged_at BIGINT NOT NULL,
    delivered_at BIGINT,
    UNIQUE (lane, sequence)
);
CREATE INDEX batches_by_stream ON batches (run, stream);
-- Most batches of a long history have no raw object any more.
CREATE INDEX batches_with_raw ON batches (staged_at) WHERE raw_kept;

-- A tally may come before its batch.
CREATE TABLE tallies (
    batch TEXT NOT NULL,
    hop TEXT NOT NULL,
    rows_in BIGINT NOT NULL,
    rows_out BIGINT NOT NULL,
    quarantined BIGINT NOT NULL,
    passed_with_failure BIGINT NOT NULL,
    PRIMARY KEY (batch, hop)
);

CREATE TABLE ledger (
    batch TEXT NOT NULL PRIMARY KEY,
    run TEXT NOT NULL,
    stream TEXT NOT NULL,
    lane TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    delivered_at BIGINT NOT NULL
);

-- Entries may come before their batch.
CREATE TABLE quarantine (
    entry TEXT NOT NULL PRIMARY KEY,
    sync_name TEXT NOT NULL,
    stream TEXT NOT NULL,
    run TEXT NOT NULL,
    batch TEXT NOT NULL,
    hop TEXT NOT NULL,
    rule TEXT NOT NULL,
    column_name TEXT,
    code TEXT NOT NULL,
    reason TEXT NOT NULL,
    severity TEXT NOT NULL,
    row_count BIGINT NOT NULL,
    object_key TEXT NOT NULL,
    object_digest TEXT NOT NULL,
    object_bytes BIGINT NOT NULL,
    object_rows BIGINT NOT NULL,
    quarantined_at BIGINT NOT NULL
);
CREATE INDEX quarantine_by_batch ON quarantine (batch, hop);
CREATE INDEX quarantine_by_run ON quarantine (run);
CREATE INDEX quarantine_by_sync ON quarantine (sync_name);
