use crate::Fault;
use crate::constants::ZoneView;

/// As its name in PostgreSQL.
pub fn zone_to_utc(micros: i64, zone: ZoneView<'_>) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn utc_to_zone(micros: i64, zone: ZoneView<'_>) -> Result<i64, Fault> {
    todo!()
}
