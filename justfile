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

# Look for mistakes in the CloudFormation template. Needs cfn-lint from PyPI.
lint-template:
    cfn-lint --include-checks I -- demos/*/template.yaml

# Measure what ARCHITECTURE.md promises. Needs a Docker Engine.
bench:
    cargo bench --package guided-demo --bench figures

# Measure the local AWS beside moto's server. Needs moto_server from PyPI (moto[server]), half an hour.
peers:
    cargo bench --package guided-demo --bench peers

# Crashes at random moments, much output, many builds, caches. Needs a Docker Engine, ten minutes,
# and for the S3 cache the AWS CLI. Names of parts: many-builds crashes writes output caches
endurance *PARTS:
    cargo bench --package guided-demo --bench endurance -- {{PARTS}}

# Many more damaged requests than the tests send.
garbage CASES='10000':
    GARBAGE_CASES={{CASES}} cargo test --package local-aws --test it garbage

# Record the walks of all demos, to be replayed where there is no Docker Engine. Needs one.
record:
    for demo in demos/*/demo.md; do cargo run -- record "$demo" || exit; done

# Everything CI does.
ci:
    bash .ci/run
