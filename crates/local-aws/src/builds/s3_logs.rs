//! The build's log as an object in a bucket, `<location>/<uuid>.gz`.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::BuildHost;
use crate::codebuild::StoredBuild;
use crate::error::AwsError;
use crate::s3::PutOptions;

/// Where the log goes: bucket and key. `None` if the project does not want it in a bucket.
pub(super) fn object(stored: &StoredBuild) -> Option<(&str, String)> {
    let build = &stored.build;
    build.logs.s3_logs.as_ref()?.object(build.log_file())
}

/// Writes the whole log to its object. A log that cannot be uploaded does not end the build
/// otherwise; the reason is in ours.
pub(crate) async fn upload(host: &BuildHost, stored: &StoredBuild) {
    let Some((bucket, key)) = object(stored) else {
        return;
    };
    let file = stored.build.log_file().to_owned();
    if let Err(error) = compress_and_put(host, bucket, &key, file).await {
        tracing::warn!(bucket, key, %error, "the build's log was not written to S3");
    }
}

async fn compress_and_put(
    host: &BuildHost,
    bucket: &str,
    key: &str,
    log_file: String,
) -> Result<(), AwsError> {
    let target = host.temporary.join(format!("{log_file}.gz"));
    let (log_files, path) = (host.log_files.clone(), target.clone());
    let written = tokio::task::spawn_blocking(move || {
        let mut reader = log_files.read(&log_file)?;
        let file = std::io::BufWriter::new(std::fs::File::create(&path)?);
        let mut gzip = GzEncoder::new(file, Compression::fast());
        let mut offset = 0;
        while let Some(event) = reader.at(offset)? {
            gzip.write_all(event.message.as_bytes())?;
            offset = event.end;
        }
        gzip.finish()?.flush()
    })
    .await
    .map_err(AwsError::storage)?;
    let put = match written {
        Ok(()) => {
            let options = PutOptions {
                content_type: Some("application/gzip".to_owned()),
                ..PutOptions::default()
            };
            host.buckets.put_file(bucket, key, &target, options).await
        }
        Err(error) => Err(AwsError::storage(error)),
    };
    // It is in our own temporary directory, which the next start empties.
    let _ = tokio::fs::remove_file(&target).await;
    put.map(|_| ())
}
