-- A replay sends the raw batches of another run again: `replays` names it, `replay` is the rest as JSON.
ALTER TABLE runs ADD COLUMN replays TEXT;
ALTER TABLE runs ADD COLUMN replay TEXT;
CREATE INDEX runs_by_replayed ON runs (replays);

-- The run whose replay took the rows in hand; they are open until then.
ALTER TABLE quarantine ADD COLUMN resolved_by TEXT;

-- A version that only replays run with is never the latest one.
ALTER TABLE spec_versions ADD COLUMN for_replay BOOLEAN NOT NULL DEFAULT FALSE;

-- Batches of a replay refer to the raw objects of the run they come from.
CREATE INDEX batches_by_raw ON batches (raw_key);
