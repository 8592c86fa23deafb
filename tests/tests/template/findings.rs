use std::fmt;

/// What is wrong, each with the resource it is wrong with.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<(String, String)>);

impl Findings {
    pub(crate) fn add(&mut self, resource: &str, what: impl Into<String>) {
        self.0.push((resource.to_owned(), what.into()));
    }

    pub(crate) fn add_unless(&mut self, is_fine: bool, resource: &str, what: impl Into<String>) {
        if !is_fine {
            self.add(resource, what);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a resource is named with a reason that has these words.
    pub(crate) fn blames(&self, resource: &str, because: &str) -> bool {
        self.0.iter().any(|(found, what)| found == resource && what.contains(because))
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return formatter.write_str("nothing");
        }
        let lines: Vec<_> = self.0.iter().map(|(resource, what)| format!("{resource}: {what}")).collect();
        formatter.write_str(&lines.join("\n"))
    }
}
