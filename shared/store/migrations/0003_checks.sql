-- Fingerprints of keys, one scope for each check of a run. They lie in sorted segments of pages:
-- a segment is written once, and several are merged into one. A forgotten scope is on its way out.
CREATE TABLE unique_scopes (
    scope BIGINT NOT NULL PRIMARY KEY,
    run TEXT NOT NULL,
    check_name TEXT NOT NULL,
    forgotten BOOLEAN NOT NULL
);
CREATE INDEX unique_scopes_by_run ON unique_scopes (run, check_name);

CREATE TABLE unique_owners (
    scope BIGINT NOT NULL,
    owner BIGINT NOT NULL,
    batch TEXT NOT NULL,
    PRIMARY KEY (scope, owner),
    UNIQUE (scope, batch)
);

-- `firsts` are the first keys of the segment's pages.
CREATE TABLE unique_segments (
    scope BIGINT NOT NULL,
    segment BIGINT NOT NULL,
    level BIGINT NOT NULL,
    firsts BYTEA NOT NULL,
    PRIMARY KEY (scope, segment)
);

CREATE TABLE unique_pages (
    scope BIGINT NOT NULL,
    segment BIGINT NOT NULL,
    page BIGINT NOT NULL,
    entries BYTEA NOT NULL,
    PRIMARY KEY (scope, segment, page)
);

-- Which keys 64 pages of a segment may hold: most pages need not be read.
CREATE TABLE unique_filters (
    scope BIGINT NOT NULL,
    segment BIGINT NOT NULL,
    part BIGINT NOT NULL,
    bits BYTEA NOT NULL,
    PRIMARY KEY (scope, segment, part)
);

CREATE TABLE measures (
    run TEXT NOT NULL,
    stream TEXT NOT NULL,
    check_name TEXT NOT NULL,
    batch TEXT NOT NULL,
    measure TEXT NOT NULL,
    PRIMARY KEY (run, stream, check_name, batch)
);
