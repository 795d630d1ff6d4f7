# List the recipes.
default:
    @just --list

# Walk through the demo.
demo *ARGS:
    cargo run -- {{ARGS}}

# Run every test.
test:
    cargo test --workspace

# Formatting, clippy and the docs, as CI checks them.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# Measure what ARCHITECTURE.md promises. Needs a Docker Engine.
bench:
    cargo bench --package guided-demo --bench figures

# Crashes at random moments, much output, many builds, caches. Needs a Docker Engine, ten minutes,
# and for the S3 cache the AWS CLI. Names of parts: many-builds crashes output caches
endurance *PARTS:
    cargo bench --package guided-demo --bench endurance -- {{PARTS}}

# Record the walk that is replayed where there is no Docker Engine. Needs one.
record:
    cargo run -- record demos/docker-in-docker/recording.json

# Everything CI does.
ci:
    bash .ci/run
