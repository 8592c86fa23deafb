//! Types of resources that are not emulated because nothing here is different without them.

/// Why resources of a type make no difference here; nothing for types that may.
pub(super) fn why(kind: &str) -> Option<&'static str> {
    const RIGHTS: &str = "who may do what is not checked";
    const WATCHING: &str = "nothing watches";
    const HTTP: &str = "HTTP is not served";
    const DELIVERY: &str = "the code that runs is the bootstrap's";
    const NETWORK: &str = "processes are on this machine's network";
    let known = [
        ("AWS::IAM::", RIGHTS),
        ("AWS::Lambda::Permission", RIGHTS),
        ("AWS::SQS::QueuePolicy", RIGHTS),
        ("AWS::S3::BucketPolicy", RIGHTS),
        ("AWS::SNS::TopicPolicy", RIGHTS),
        ("AWS::KMS::", "nothing is encrypted at rest"),
        ("AWS::CloudWatch::", WATCHING),
        ("AWS::Logs::", "output goes to the terminal"),
        ("AWS::SNS::Topic", WATCHING),
        ("AWS::SNS::Subscription", WATCHING),
        ("AWS::Budgets::", WATCHING),
        ("AWS::ApplicationInsights::", WATCHING),
        ("AWS::ResourceGroups::", WATCHING),
        ("AWS::Lambda::Url", HTTP),
        ("AWS::ApiGatewayV2::", HTTP),
        ("AWS::ApiGateway::", HTTP),
        ("AWS::Lambda::Version", DELIVERY),
        ("AWS::Lambda::CodeSigningConfig", DELIVERY),
        ("AWS::CodeDeploy::", DELIVERY),
        ("AWS::EC2::", NETWORK),
        ("AWS::RDS::", "the store is the one `--parameter` names"),
        ("AWS::CloudFormation::WaitConditionHandle", "nothing waits for it"),
    ];
    let is_of = |name: &str| if name.ends_with("::") { kind.starts_with(name) } else { kind == name };
    known.into_iter().find(|(name, _)| is_of(name)).map(|(_, why)| why)
}
