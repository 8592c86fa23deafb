# `make demo` and `make test` set up everything they need on a Debian machine with rustup.
.PHONY: setup setup-services guests language-modules template build demo test lint bench rules-table clean
.DEFAULT_GOAL := build

GUEST_TARGET := wasm32-unknown-unknown
GUESTS := target/guests

# The toolchain of rust-toolchain.toml with its WASM target, and a C compiler for the bundled
# SQLite and zstd.
setup:
	@echo "== set-up: toolchain, WASM target, C compiler"
	@tools/setup

# PostgreSQL for the tests and benches, from the distribution's packages; in target/tools an emulator
# of S3 and SQS for the tests, and what checks and translates the template of AWS.
setup-services: setup
	@echo "== set-up: PostgreSQL, an emulator of S3 and SQS, tools for the template of AWS"
	@tools/setup services

# The modules of the example and of the benches, as WASM. Guests have a target folder of their own:
# cargo locks one.
guests: setup
	@echo "== building the modules for $(GUEST_TARGET)"
	cargo build --locked -p flights -p bench-module -p bench-rule -p bench-records -p orders --profile guest --target $(GUEST_TARGET) --target-dir $(GUESTS)

# The example modules in JavaScript, Python and Go, with tools of their own in target/tools.
language-modules:
	@echo "== building the modules in other languages"
	@tools/modules

# The template of AWS as plain CloudFormation, which tests read: target/aws/template.json.
template: setup-services
	@echo "== checking and translating infra/aws/template.yaml"
	target/tools/template/bin/cfn-lint infra/aws/template.yaml
	target/tools/template/bin/python tools/translate-template

build: setup
	@echo "== building target/release/millstream (six to fifteen minutes on two cores the first time)"
	cargo build --locked --release -p millstream -p end-to-end --bin millstream --bin table-digest

demo: guests build
	@examples/flights/demo

lint: setup
	@echo "== format and lints"
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings

# Everything, the tests that need PostgreSQL or AWS included; a server and an emulator are started on
# free ports and stopped.
test: setup-services guests language-modules template
	@echo "== building and running every test (fifteen to twenty-five minutes on two cores the first time)"
	tools/in-memory tools/with-aws tools/with-postgres cargo test --locked --workspace -- --include-ignored

# Prints tables and writes target/bench/results.jsonl; NAME=csv_parquet runs one.
bench: setup-services guests language-modules
	@tools/bench $(NAME)

# Measures rules and modules beside other engines and writes the tables of docs/rules-speed.md.
rules-table: guests language-modules
	cargo run --locked --release --manifest-path tests/rules-bench/Cargo.toml --target-dir target/rules-bench --features peers -- --docs docs/rules-speed.md

clean:
	cargo clean
