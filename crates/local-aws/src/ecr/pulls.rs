//! When an image was pulled: noted once a day at most, as on AWS.

use redb::ReadableTable;

use super::records::Image;
use super::registry::Registry;
use crate::error::AwsError;
use crate::store;
use crate::timestamp::EpochSeconds;

/// In seconds.
const DAY: i64 = 24 * 60 * 60;

impl Registry {
    /// Notes that an image is pulled now.
    pub(super) async fn note_pull(
        &self,
        repository: &str,
        digest: &str,
        image: &Image,
    ) -> Result<(), AwsError> {
        let now = EpochSeconds::now();
        if image
            .pulled
            .is_some_and(|pulled| now.seconds_since(pulled) < DAY)
        {
            return Ok(());
        }
        let (repository, digest) = (repository.to_owned(), digest.to_owned());
        self.store
            .write(move |transaction| {
                let mut images = transaction.open_table(store::ECR_IMAGES)?;
                let place = (repository.as_str(), digest.as_str());
                let mut image: Image = match images.get(place)? {
                    Some(bytes) => serde_json::from_slice(bytes.value())?,
                    None => return Ok(()),
                };
                image.pulled = Some(now);
                images.insert(place, serde_json::to_vec(&image)?.as_slice())?;
                Ok(())
            })
            .await
    }
}
