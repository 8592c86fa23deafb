-- Departures as points in time. The source has a flight's day and its clock times as integers (517
-- is 05:17 in New York); a delayed flight may leave after midnight, so the time it left is its
-- schedule and its delay.
SELECT
    * REPLACE (
        upper(trim(carrier)) AS carrier,
        upper(trim(tailnum)) AS tailnum,
        upper(trim(origin)) AS origin,
        upper(trim(dest)) AS dest
    ),
    make_timestamp(year, month, day, sched_dep_time / 100, sched_dep_time % 100, 0)
        AT TIME ZONE 'America/New_York' AS scheduled_departure,
    CASE WHEN dep_time IS NOT NULL THEN
        (make_timestamp(year, month, day, sched_dep_time / 100, sched_dep_time % 100, 0)
            + dep_delay * INTERVAL '1 minute') AT TIME ZONE 'America/New_York'
    END AS actual_departure
FROM input
