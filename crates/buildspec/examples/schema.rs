//! Writes docs/buildspec.schema.json: `cargo run -p buildspec --example schema`.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/buildspec.schema.json");
    std::fs::write(file, buildspec::json_schema())
}
