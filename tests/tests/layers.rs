//! Who may depend on whom: the layers of ARCHITECTURE.md.

#![expect(clippy::unwrap_used, reason = "without the workspace's metadata there is nothing to test")]

use std::collections::BTreeMap;

use cargo_metadata::{DependencyKind, MetadataCommand};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Layer {
    Pure,
    Seam,
    Adapter,
    Driver,
    Function,
    Guest,
    Top,
}

const PURE: [&str; 7] = ["flow", "spec", "batch", "checks", "alerting", "retry", "calendar"];
const SEAMS: [&str; 6] = ["staging", "queue", "store", "source", "destination", "notify"];
const DRIVERS: [&str; 2] = ["worker", "lambda-kit"];
const GUESTS: [&str; 7] = ["sdk", "flights", "bench-module", "bench-rule", "bench-records", "orders", "rules-runtime"];

/// What a pure crate never touches.
const IMPURE: [&str; 7] = ["tokio", "sqlx", "reqwest", "wasmtime", "aws-config", "aws-types", "parquet"];

/// Clients that have one owner, and who it is.
const OWNED: [(&str, &[&str]); 10] = [
    ("aws-sdk-s3", &["staging", "emulate"]),
    ("aws-sdk-sqs", &["queue", "emulate"]),
    ("lambda_runtime", &["lambda-kit"]),
    ("aws_lambda_events", &["lambda-kit"]),
    ("wasmtime", &["sandbox", "sandbox-compiler"]),
    ("reqwest", &["notify-webhook"]),
    ("croner", &["calendar"]),
    ("hyper", &["emulate"]),
    ("hyper-util", &["emulate"]),
    ("wit-component", &["sandbox-compiler", "rules"]),
];

#[test]
fn every_crate_depends_on_lower_layers_only() {
    let packages = packages();
    let mut wrong = Vec::new();
    for (name, (path, dependencies)) in &packages {
        let layer = layer_of(name, path);
        for dependency in dependencies.keys().filter(|dependency| packages.contains_key(*dependency)) {
            let below = layer_of(dependency, &packages[dependency].0);
            if !may_depend(name, layer, dependency, below) {
                wrong.push(format!("{name} ({layer:?}) depends on {dependency} ({below:?})"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn pure_crates_stay_pure_and_heavy_clients_have_one_owner() {
    let mut wrong = Vec::new();
    for (name, (path, dependencies)) in packages() {
        if layer_of(&name, &path) == Layer::Pure {
            wrong.extend(
                IMPURE
                    .iter()
                    .filter(|impure| dependencies.contains_key(**impure))
                    .map(|impure| format!("{name} uses {impure}")),
            );
        }
        for (client, owners) in OWNED {
            if dependencies.contains_key(client) && !owners.contains(&name.as_str()) {
                wrong.push(format!("{name} uses {client}, which belongs to {owners:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is for one machine only, and the feature that turns it on.
const EMBEDDED: [&str; 2] = ["queue", "store"];

#[test]
fn a_lambda_has_no_embedded_queue_or_store() {
    let mut wrong = Vec::new();
    for (name, (path, dependencies)) in packages() {
        if matches!(layer_of(&name, &path), Layer::Driver | Layer::Function) {
            let embedded = dependencies.iter().filter(|(dependency, _)| EMBEDDED.contains(&dependency.as_str()));
            let linked = embedded.filter(|(_, features)| features.iter().any(|on| on == "default" || on == "sqlite"));
            wrong.extend(linked.map(|(dependency, features)| format!("{name} uses {dependency} with {features:?}")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_a_function_by_itself_is_a_lambda() {
    let packages = packages();
    let mut wrong = Vec::new();
    for (name, (_, dependencies)) in &packages {
        for (dependency, features) in dependencies {
            let is_function =
                packages.get(dependency).is_some_and(|(path, _)| layer_of(dependency, path) == Layer::Function);
            if is_function && features.iter().any(|on| on == "default" || on == "lambda") {
                wrong.push(format!("{name} uses {dependency} with {features:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn may_depend(name: &str, layer: Layer, dependency: &str, below: Layer) -> bool {
    match layer {
        Layer::Pure => below == Layer::Pure,
        Layer::Seam => below == Layer::Pure,
        Layer::Adapter => match below {
            Layer::Pure => true,
            Layer::Seam => is_seam_of(name, dependency),
            Layer::Adapter => (name, dependency) == ("sandbox-compiler", "sandbox"),
            // What a compiled rule calls in WebAssembly, the interpreter calls natively.
            Layer::Guest => (name, dependency) == ("rules", "rules-runtime"),
            _ => false,
        },
        Layer::Driver => below <= Layer::Seam || (name, dependency) == ("lambda-kit", "worker"),
        Layer::Function => below <= Layer::Driver,
        Layer::Guest => dependency == "sdk",
        // It stands where AWS does: what it runs is none of its business.
        Layer::Top if name == "emulate" => below == Layer::Pure,
        Layer::Top => below != Layer::Guest,
    }
}

fn is_seam_of(adapter: &str, seam: &str) -> bool {
    adapter.strip_prefix(seam).is_some_and(|rest| rest.starts_with('-'))
}

fn layer_of(name: &str, path: &str) -> Layer {
    if PURE.contains(&name) {
        Layer::Pure
    } else if SEAMS.contains(&name) {
        Layer::Seam
    } else if DRIVERS.contains(&name) {
        Layer::Driver
    } else if GUESTS.contains(&name) {
        Layer::Guest
    } else if path.contains("/shared/") {
        Layer::Adapter
    } else if path.contains("/functions/") {
        Layer::Function
    } else {
        Layer::Top
    }
}

/// What a package depends on, and with which features; `default` is one of them.
type Dependencies = BTreeMap<String, Vec<String>>;

/// The workspace's packages with their folders and normal dependencies.
fn packages() -> BTreeMap<String, (String, Dependencies)> {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let package = |package: &cargo_metadata::Package| {
        let normal = package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
        let named = normal.map(|dependency| {
            let default = dependency.uses_default_features.then(|| "default".to_owned());
            (dependency.name.clone(), dependency.features.iter().cloned().chain(default).collect())
        });
        (package.name.to_string(), (package.manifest_path.to_string(), named.collect()))
    };
    metadata.packages.iter().map(package).collect()
}
