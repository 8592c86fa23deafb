//! The bucket: encrypted, closed, over TLS alone, and nothing lies in it for ever by mistake.

use serde_json::Value;

use crate::document::{Template, all_of, place};
use crate::findings::Findings;

const BUCKET: &str = "StageBucket";

/// Folders of the stage that only grow when nobody cleans up.
const EXPIRING: [&str; 4] = ["raw/", "work/", "quarantine/", "replays/"];
/// Folders that are needed for as long as the store names them.
const KEPT: [&str; 2] = ["modules/", "artifacts/"];

pub(crate) fn check(template: &Template, findings: &mut Findings) {
    findings.add_unless(template.has(BUCKET, "AWS::S3::Bucket"), BUCKET, "is not there");
    for (name, properties) in template.of_type("AWS::S3::Bucket") {
        findings.add_unless(name == BUCKET, name, "is a bucket that nothing is known of");
        check_access(name, properties, findings);
        check_lifecycle(template, name, properties, findings);
        let is_safe = is_tls_only(template, name);
        findings.add_unless(is_safe, name, "can be reached without TLS");
    }
    for (name, properties) in template.of_type("AWS::S3::BucketPolicy") {
        let statements = all_of(&properties["PolicyDocument"]["Statement"]);
        let is_closed = statements.iter().all(|statement| statement["Effect"] == "Deny");
        findings.add_unless(is_closed, name, "lets others in");
    }
    for kept in ["DeletionPolicy", "UpdateReplacePolicy"] {
        let is_kept = template.resource(BUCKET)[kept] == "Retain";
        findings.add_unless(is_kept, BUCKET, format!("goes with the stack: no {kept}"));
    }
}

fn check_access(name: &str, properties: &Value, findings: &mut Findings) {
    let encryption = &properties["BucketEncryption"]["ServerSideEncryptionConfiguration"];
    let algorithm = &encryption[0]["ServerSideEncryptionByDefault"]["SSEAlgorithm"];
    findings.add_unless(algorithm.is_string(), name, "is not encrypted");
    for way in ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"] {
        let is_blocked = properties["PublicAccessBlockConfiguration"][way] == true;
        findings.add_unless(is_blocked, name, format!("can be made public: no {way}"));
    }
    findings.add_unless(properties["AccessControl"].is_null(), name, "has an access list");
    let ownership = &properties["OwnershipControls"]["Rules"][0]["ObjectOwnership"];
    findings.add_unless(ownership == "BucketOwnerEnforced", name, "lets objects have access lists");
}

fn check_lifecycle(template: &Template, name: &str, properties: &Value, findings: &mut Findings) {
    let rules: Vec<_> = all_of(&properties["LifecycleConfiguration"]["Rules"])
        .into_iter()
        .filter(|rule| rule["Status"] == "Enabled")
        .collect();
    for folder in EXPIRING {
        let expires = |rule: &&Value| {
            rule["Prefix"] == folder && template.number(&rule["ExpirationInDays"]).is_some_and(|days| days > 0)
        };
        findings.add_unless(rules.iter().any(expires), name, format!("keeps `{folder}` for ever"));
    }
    for rule in rules.iter().filter(|rule| !rule["ExpirationInDays"].is_null()) {
        let prefix = rule["Prefix"].as_str().unwrap_or_default();
        let touches = KEPT.iter().any(|kept| kept.starts_with(prefix));
        findings.add_unless(!touches, name, format!("drops what is needed below `{prefix}`"));
    }
    let aborts = rules.iter().any(|rule| rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"].is_u64());
    findings.add_unless(aborts, name, "keeps incomplete uploads");
}

fn is_tls_only(template: &Template, bucket: &str) -> bool {
    let policies = template.of_type("AWS::S3::BucketPolicy").filter(|(_, it)| place(&it["Bucket"]) == bucket);
    let mut statements = policies.flat_map(|(_, it)| all_of(&it["PolicyDocument"]["Statement"]));
    statements.any(|statement| {
        let resources: Vec<_> = all_of(&statement["Resource"]).into_iter().map(place).collect();
        statement["Effect"] == "Deny"
            && statement["Principal"] == "*"
            && statement["Action"] == "s3:*"
            && statement["Condition"]["Bool"]["aws:SecureTransport"] == "false"
            && resources.contains(&bucket.to_owned())
            && resources.contains(&format!("{bucket}/*"))
    })
}
