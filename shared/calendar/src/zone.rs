//! Time zones by their IANA names.

use chrono_tz::{TZ_VARIANTS, Tz};

/// Reads a zone's name; the error names the nearest one.
pub(crate) fn parse(name: &str) -> Result<Tz, String> {
    name.parse().map_err(|_| {
        let way_out = match nearest(name) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => "expected an IANA name like `Europe/Berlin` or `UTC`".to_owned(),
        };
        format!("timezone `{name}` is not known; {way_out}")
    })
}

/// The zone whose name differs in at most a fifth of its letters, whatever their case.
fn nearest(name: &str) -> Option<&'static str> {
    let wanted = name.to_lowercase();
    let most = wanted.chars().count() / 5;
    TZ_VARIANTS
        .iter()
        .map(|zone| (strsim::damerau_levenshtein(&wanted, &zone.name().to_lowercase()), zone.name()))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, zone)| zone)
}
