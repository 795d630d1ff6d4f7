//! Writes docs/reference/api.md: `cargo run -p local-aws --example api_reference`.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/api.md");
    std::fs::write(file, local_aws::api_reference())
}
