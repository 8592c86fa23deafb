//! Names of tables, quoted for statements.

use destination::{Error, Target};
use flow::Digest;

/// Longer names are cut short by PostgreSQL, so that two become one.
pub(crate) const MOST_BYTES: usize = 63;

/// Quotes an identifier.
pub(crate) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The names of one target's tables in one schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) schema: String,
    pub(crate) table: String,
    /// Where a `replace` gathers its rows; the name tells sync, stream and run apart.
    pub(crate) shadow: String,
    /// What the names of all shadows of the stream begin with.
    pub(crate) shadow_prefix: String,
}

impl Names {
    pub(crate) fn of(target: &Target, schema: &str) -> Result<Self, Error> {
        let table = target.stream.as_str();
        if table.len() > MOST_BYTES {
            return Err(Error::config(
                "name_too_long",
                format!("stream `{table}` has more than the {MOST_BYTES} bytes the name of a table may have"),
            ));
        }
        let stream = Digest::of(format!("{}/{}", target.sync, target.stream).as_bytes());
        let run = Digest::of(target.run.as_str().as_bytes());
        let shadow_prefix = format!("{}new_{}_", batch::OWN_PREFIX, stream.short());
        Ok(Self {
            schema: schema.to_owned(),
            table: table.to_owned(),
            shadow: format!("{shadow_prefix}{}", run.short()),
            shadow_prefix,
        })
    }

    /// A table of the schema, quoted.
    pub(crate) fn quoted(&self, table: &str) -> String {
        format!("{}.{}", identifier(&self.schema), identifier(table))
    }
}

/// Quotes a list of columns.
pub(crate) fn columns<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(identifier).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use flow::{RunId, StreamName, SyncName};
    use spec::Disposition;

    use super::*;

    #[test]
    fn shadows_of_other_runs_share_their_beginning_only_and_all_names_fit() {
        let target = |run: &str| Target {
            sync: SyncName::new("shop").unwrap(),
            stream: StreamName::new(&"o".repeat(63)).unwrap(),
            run: RunId::from_text(run),
            schema: Arc::new(arrow_schema::Schema::empty()),
            disposition: Disposition::Replace,
            primary_key: Vec::new(),
        };
        let [first, second] = ["shop-1", "shop-2"].map(|run| Names::of(&target(run), "public").unwrap());
        assert_eq!(first.shadow_prefix, second.shadow_prefix);
        assert_ne!(first.shadow, second.shadow);
        assert!(first.shadow.len() <= MOST_BYTES);
        assert_eq!(first.quoted("a\"b"), "\"public\".\"a\"\"b\"");
        let long = Target { stream: StreamName::new(&"o".repeat(64)).unwrap(), ..target("shop-1") };
        assert!(Names::of(&long, "public").is_err());
    }
}
