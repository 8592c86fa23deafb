//! Making the queues and buckets of a template.

use std::collections::HashMap;

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use aws_sdk_sqs::types::QueueAttributeName;

use super::Aws;
use crate::Error;
use crate::template::{Bucket, Named, Queue};

impl Aws {
    /// Makes a queue, or finds the one of an earlier start. Its other attributes are set later: some
    /// name other queues.
    pub(crate) async fn make_queue(&self, queue: &Queue) -> Result<Named, Error> {
        let doing = || format!("make queue `{}`", queue.name);
        let kind = queue.is_fifo.then(|| HashMap::from([(QueueAttributeName::FifoQueue, "true".to_owned())]));
        let made = self.sqs.create_queue().queue_name(&queue.name).set_attributes(kind).send().await;
        let made = made.map_err(|error| self.failed(doing(), error))?;
        let url = made.queue_url.unwrap_or_default();
        let asked = self.sqs.get_queue_attributes().queue_url(&url).attribute_names(QueueAttributeName::QueueArn);
        let attributes = asked.send().await.map_err(|error| self.failed(doing(), error))?.attributes;
        let arn = attributes.unwrap_or_default().remove(&QueueAttributeName::QueueArn).unwrap_or_default();
        Ok(Named::queue(&queue.name, &url, &arn))
    }

    pub(crate) async fn set_attributes(&self, queue: &Queue, url: &str) -> Result<(), Error> {
        if queue.attributes.is_empty() {
            return Ok(());
        }
        let attributes = queue.attributes.iter();
        let attributes = attributes.map(|(name, value)| (QueueAttributeName::from(name.as_str()), value.clone()));
        let request = self.sqs.set_queue_attributes().queue_url(url).set_attributes(Some(attributes.collect()));
        let sent = request.send().await;
        sent.map(drop).map_err(|error| self.failed(format!("set the attributes of queue `{}`", queue.name), error))
    }

    /// Makes a bucket, or finds the one of an earlier start.
    pub(crate) async fn make_bucket(&self, bucket: &Bucket) -> Result<(), Error> {
        // The oldest region is the one that has no name here.
        let location = (self.region != "us-east-1").then(|| {
            let region = BucketLocationConstraint::from(self.region.as_str());
            CreateBucketConfiguration::builder().location_constraint(region).build()
        });
        let request = self.s3.create_bucket().bucket(&bucket.name).set_create_bucket_configuration(location);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(|error| error.is_bucket_already_owned_by_you()) => {
                Ok(())
            }
            Err(error) => Err(self.failed(format!("make bucket `{}`", bucket.name), error)),
        }
    }
}
