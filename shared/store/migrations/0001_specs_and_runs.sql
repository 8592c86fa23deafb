-- Every file here runs unchanged on SQLite and on PostgreSQL.
-- Times are microseconds since 1970-01-01 UTC; faults and plans are JSON.

CREATE TABLE spec_versions (
    sync_name TEXT NOT NULL,
    version BIGINT NOT NULL,
    digest TEXT NOT NULL,
    body TEXT NOT NULL,
    saved_at BIGINT NOT NULL,
    PRIMARY KEY (sync_name, version)
);

-- `fault` is the first one of the current attempt; it counts once the run has failed.
CREATE TABLE runs (
    run TEXT NOT NULL PRIMARY KEY,
    sync_name TEXT NOT NULL,
    version BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    state TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    fault TEXT
);
CREATE INDEX runs_by_sync ON runs (sync_name, started_at);
CREATE INDEX runs_by_start ON runs (started_at);

CREATE TABLE run_streams (
    run TEXT NOT NULL REFERENCES runs (run),
    stream TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    state TEXT NOT NULL,
    plan TEXT,
    fault TEXT,
    PRIMARY KEY (run, stream)
);

-- `pulled` stays true once the source was read to its end, whatever becomes of the lane.
CREATE TABLE lanes (
    lane TEXT NOT NULL PRIMARY KEY,
    run TEXT NOT NULL REFERENCES runs (run),
    stream TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    part TEXT NOT NULL,
    state TEXT NOT NULL,
    pulled BOOLEAN NOT NULL,
    staged BIGINT NOT NULL,
    staged_position TEXT,
    delivered BIGINT NOT NULL,
    delivered_position TEXT,
    checked BOOLEAN NOT NULL,
    fault TEXT
);
CREATE INDEX lanes_by_run ON lanes (run, ordinal);

CREATE TABLE bookmarks (
    sync_name TEXT NOT NULL,
    stream TEXT NOT NULL,
    source_position TEXT NOT NULL,
    run TEXT NOT NULL,
    moved_at BIGINT NOT NULL,
    PRIMARY KEY (sync_name, stream)
);
