use std::collections::BTreeMap;

/// What the template's resources became: what `Ref` and `Fn::GetAtt` give for each logical id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Physical(BTreeMap<String, Named>);

/// What one resource became.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// What `Ref` gives.
    pub reference: String,
    /// What `Fn::GetAtt` gives, by attribute.
    pub attributes: BTreeMap<String, String>,
}

impl Physical {
    /// Says what a resource became.
    pub fn insert(&mut self, resource: &str, named: Named) {
        self.0.insert(resource.to_owned(), named);
    }

    /// What a resource became; nothing when it is not emulated.
    #[must_use]
    pub fn get(&self, resource: &str) -> Option<&Named> {
        self.0.get(resource)
    }
}

impl Named {
    /// What a queue became.
    #[must_use]
    pub fn queue(name: &str, url: &str, arn: &str) -> Self {
        Self::new(url, [("Arn", arn), ("QueueName", name), ("QueueUrl", url)])
    }

    pub(super) fn new<const N: usize>(reference: &str, attributes: [(&str, &str); N]) -> Self {
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self { reference: reference.to_owned(), attributes: attributes.into() }
    }
}
