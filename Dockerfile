# The sample app, compiled in a Rust image and put into an empty one.
#
# The first stage is large (about 300 MB to pull) and is thrown away. What is left is one static
# program: no shell, no package manager, nothing to patch.
FROM rust:1.95-alpine AS build
WORKDIR /workspace
COPY . .
RUN cargo build --release --locked --package sample-app

FROM scratch
COPY --from=build /workspace/target/release/sample-app /sample-app
USER 65532:65532
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s CMD ["/sample-app", "healthcheck"]
ENTRYPOINT ["/sample-app"]
CMD ["serve"]
