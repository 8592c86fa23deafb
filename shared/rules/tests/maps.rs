//! Field maps and what becomes of them: case files of a map and its plan, or its mistake.

mod support;

use rules::compile_map;
use rules::map::FieldMap;

#[test]
fn every_field_map_gives_the_plan_or_the_mistake_written_for_it() {
    let input = support::schema(
        "id:int64, mail:utf8?, ordered:utf8, amount:utf8?, status:utf8, kind:int32?, at:timestamp(us,UTC), day:date, card:utf8",
    );
    support::run_cases("maps", |text| {
        let map: FieldMap = match serde_saphyr::from_str(text) {
            Ok(map) => map,
            Err(error) => return format!("no field map: {}", error.to_string().lines().next().unwrap_or_default()),
        };
        match compile_map(&map, &input) {
            Ok(plan) => support::summary(&plan),
            Err(error) => format!("[{}] {error}", error.code()),
        }
    });
}
